#!/usr/bin/python3
"""The Python client as an adapter: one JSON line a request, one a reply (see README.md)."""
import json, sys
sys.dont_write_bytecode = True  # the source folder may be read-only
import python_client

client = None
for request in map(json.loads, sys.stdin):
    reply, step = {"id": request.pop("id")}, next(iter(request))
    try:
        if step == "hello":
            reply["hello"] = {"name": "python", "version": "1", "capability": ["BUILD", "HEALTH", "REMOTE"]}
        elif step == "configure":
            client, reply["seen"] = python_client.Client(request[step].get("settings", {})), {}
        else:
            steps = {"ensure": client.ensure, "drop": client.stop, "shutdown": client.stop, "health": client.health, "build": client.build}
            reply["seen"] = steps[step]()
    except python_client.Failure as failure:
        reply["seen"] = failure.seen
    except ValueError as error:
        reply["seen"] = {"error": "config_invalid", "message": str(error)}
    print(json.dumps(reply), flush=True)
if client:
    client.stop()
