"""Runs the README's first command as it stands there, makes one request, and stops it with Ctrl-C.

The command is the shell block after `<!-- ci: first -->`. Only a free port and a file for the addresses are added.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from gateway import ROOT

BUILD_S = 40 * 60


def first_command(readme):
    found = re.search(r"<!-- ci: first -->\s*```sh\n(.*?)\n```", readme, re.DOTALL)
    assert found, "README.md has no shell block after `<!-- ci: first -->`"
    command = found.group(1)
    assert command.count("-- demo") == 1, f"not one `-- demo` in: {command}"
    return command


def ask(env):
    body = json.dumps({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}).encode()
    url = f"{env['PALISADE_URL']}/model/{env['ALLOWED_MODEL']}/converse"
    headers = {"authorization": f"Bearer {env['RETAIL_JWT']}", "content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as response:
        return json.load(response)


def main():
    command = first_command((ROOT / "README.md").read_text())
    env_file = Path(tempfile.mkdtemp()) / "env"
    command = command.replace("-- demo", f"-- demo --port 0 --env-file {env_file}")
    began = time.monotonic()
    process = subprocess.Popen(["bash", "-c", command], cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        while not env_file.exists():
            assert process.poll() is None, f"ended with {process.returncode}"
            assert time.monotonic() - began < BUILD_S, "did not start in time"
            time.sleep(0.2)
        print(f"built and answering after {time.monotonic() - began:.0f} s")
        env = dict(line.split("=", 1) for line in env_file.read_text().splitlines())
        assert ask(env)["stopReason"] == "end_turn"
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 0, f"Ctrl-C ended it with {process.returncode}"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
