"""What `tocsin doctor` looks at besides the settings. A finding is a sentence, and its fix if one is due."""
