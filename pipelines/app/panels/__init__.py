"""The panels of a page, a module each: `inputs`, `request`, `outputs` and `shown`, see `panel.Panel`."""
