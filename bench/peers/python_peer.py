"""subprocess.Popen, for bench_peers: a cycle of the fake for each line of stdin, timed in here.

usage: python_peer.py COMMAND [ARGUMENT...]

Prints a line for each: seconds from the spawn to the handshake line, and from SIGTERM to the exit status.
"""

import subprocess
import sys
import time


def cycle(command):
  start = time.perf_counter()
  child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
  try:
    line = child.stdout.readline()
    spawn_to_line = time.perf_counter() - start
    if not line.startswith(b"LISTENING ") or not line.endswith(b"\n"):
      sys.exit("no line came from the fake")

    stop = time.perf_counter()
    child.terminate()
    status = child.wait()
    term_to_reaped = time.perf_counter() - stop
    if status != 0:
      sys.exit("the fake did not exit with status 0")
    return spawn_to_line, term_to_reaped
  finally:
    if child.poll() is None:
      child.kill()
      child.wait()
    child.stdout.close()
    child.stderr.close()


def main(command):
  for _ in sys.stdin:
    spawn_to_line, term_to_reaped = cycle(command)
    print(f"{spawn_to_line:.9f} {term_to_reaped:.9f}", flush=True)


if __name__ == "__main__":
  main(sys.argv[1:])
