"""The constants behind `scaling_lib.published`, one file for each group of papers. Import them from there."""
