"""Phase 2, gathering: any source becomes checked rows and counts; no statistics, no division."""
