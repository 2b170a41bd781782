"""What the apps share: the address line, controls, safe HTML and the launcher."""
