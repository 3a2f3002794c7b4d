"""The vocabulary on the site: for users who send files, write queries or draft agreements."""
