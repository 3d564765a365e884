"""What people can have done, a module a menu: each entry of the registry stands where its function is."""
