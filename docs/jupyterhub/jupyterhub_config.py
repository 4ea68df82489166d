"""JupyterHub with nbgrader for one class, on this machine only: a demonstration to read, try and then change.

    pip install --editable ".[hub]"      # in the kit's folder, on Linux or macOS
    jupyterhub -f docs/jupyterhub/jupyterhub_config.py

Then open http://127.0.0.1:8000 and log in as `instructor`, `ada` or `bob` with the password that was printed.

What is for the demonstration only is marked so. docs/instructors.md says what a real class needs instead.
"""

import os
import secrets
import sys
import sysconfig
from pathlib import Path

c = get_config()  # noqa: F821  # JupyterHub defines it

HERE = Path(__file__).resolve().parent
HUB = Path(os.environ.get("TLKIT_HUB", "tlkit-hub")).resolve()  # homes, course, exchange, the hub's own state
INSTRUCTORS, LEARNERS = {"instructor"}, {"ada", "bob"}

c.JupyterHub.bind_url = os.environ.get("TLKIT_HUB_URL", "http://127.0.0.1:8000")  # loopback: no other machine gets in
c.JupyterHub.hub_bind_url = os.environ.get("TLKIT_HUB_INNER_URL", "http://127.0.0.1:8081")
c.ConfigurableHTTPProxy.api_url = os.environ.get("TLKIT_HUB_PROXY_URL", "http://127.0.0.1:8001")
c.JupyterHub.db_url = f"sqlite:///{HUB / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(HUB / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(HUB / "proxy.pid")
# DEMONSTRATION ONLY: the proxy in Python, which needs nothing else. JupyterHub's own is `npm install -g
# configurable-http-proxy`, with Node.js 20 or newer; without this line it is found on the path.
c.ConfigurableHTTPProxy.command = [str(Path(sysconfig.get_path("scripts"), "configurable-http-proxy"))]
c.JupyterHub.cleanup_servers = True  # nothing stays behind when the hub stops

# DEMONSTRATION ONLY: one password for everybody. A real class takes its university's login, as
# https://oauthenticator.readthedocs.io or PAM.
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ.get("TLKIT_HUB_PASSWORD") or secrets.token_urlsafe(8)
c.Authenticator.allowed_users = INSTRUCTORS | LEARNERS

# DEMONSTRATION ONLY: every server runs as the user who started the hub, so that learners could read each other's
# homes, and hand in under each other's names. A real class has a system user or a container for each:
# LocalProcessSpawner, systemdspawner, DockerSpawner. Then TLKIT_HUB_ONE_USER below goes as well.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(HUB / "home" / "{username}")

c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.default_url = "/lab"
c.Spawner.http_timeout = 120  # seconds: JupyterLab with nbgrader takes its time on two cores
c.Spawner.environment = {
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    "TLKIT_HUB": str(HUB),
    "TLKIT_HUB_ONE_USER": "1",
}


def prepare(spawner):
    """Give instructors the course and formgrader, and learners neither."""
    name = spawner.user.name
    role = "instructor" if name in INSTRUCTORS else "learner"
    spawner.environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(HERE / role), str(HERE)])
    for folder in ("home", "exchange"):
        (HUB / folder).mkdir(parents=True, exist_ok=True)
    (HUB / "exchange").chmod(0o777)  # nbgrader demands it: learners hand in there, each as himself
    if role == "instructor":  # formgrader wants the course below the home
        spawner.environment["TLKIT_COURSE"] = str(HUB / "home" / name / "course")


c.Spawner.pre_spawn_hook = prepare

HUB.mkdir(parents=True, exist_ok=True)
if "TLKIT_HUB_PASSWORD" not in os.environ:
    print(f"DEMONSTRATION password of {', '.join(sorted(INSTRUCTORS | LEARNERS))}: {c.DummyAuthenticator.password}")
