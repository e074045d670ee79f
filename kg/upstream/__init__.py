"""Following upstream, one way: fetch what is there, build a release of it if that is something new, or refuse it.

home/upstream/
  sha256/<hex>        the bytes that releases were made of
  git/<name>/         a repository as it was fetched, for each that is followed
  followed.json       what was found at each address in the last sync that was not refused
  last.json           how the last sync ended
  deliveries/         what the webhook has seen (server/hooks.py)
"""
