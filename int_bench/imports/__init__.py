"""What others have published, as this package's records: ``published`` reads it, ``cells`` its cells one by one."""
