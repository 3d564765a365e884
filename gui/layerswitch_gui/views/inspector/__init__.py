"""The inspector: everything known of the selected layer."""
