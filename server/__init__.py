"""The Flask application: pages, linked data, downloads and the SPARQL endpoint over one release."""
