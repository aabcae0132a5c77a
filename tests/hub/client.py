"""A user of JupyterHub without a browser: cookies, XSRF tokens, the Hub's API, a Jupyter server's API."""

import json
import time
import uuid

import requests
from websocket import create_connection

PATIENCE = 120  # seconds for a server to start on a busy machine


class User:
    """Somebody who has logged in. Raises ``PermissionError`` if the Hub does not let them."""

    def __init__(self, hub: str, name: str, password: str):
        self.hub, self.name = hub, name
        self.server = f"{hub}/user/{name}"
        self.session = requests.Session()
        self.session.get(f"{hub}/hub/login").raise_for_status()
        form = {"username": name, "password": password, "_xsrf": self._token("/hub/")}
        answer = self.session.post(f"{hub}/hub/login", data=form, allow_redirects=False)
        if answer.status_code != 302:
            raise PermissionError(answer.status_code)

    def _token(self, path: str) -> str:
        return next((c.value for c in self.session.cookies if c.name == "_xsrf" and c.path == path), "")

    def hub_api(self, method: str, path: str) -> requests.Response:
        headers = {"X-XSRFToken": self._token("/hub/"), "Referer": f"{self.hub}/hub/home"}
        body = {} if method == "POST" else None
        return self.session.request(method, f"{self.hub}/hub/api{path}", headers=headers, json=body)

    def start(self) -> None:
        """Start this user's server and visit it, as a browser would."""
        self.session.get(f"{self.hub}/hub/home").raise_for_status()
        self.hub_api("POST", f"/users/{self.name}/server").raise_for_status()
        end = time.monotonic() + PATIENCE
        while not self.hub_api("GET", f"/users/{self.name}").json()["servers"].get("", {}).get("ready"):
            if time.monotonic() > end:
                raise TimeoutError(f"the server of {self.name} did not start")
            time.sleep(0.3)
        self.session.get(f"{self.server}/lab").raise_for_status()

    def api(self, method: str, path: str, **options) -> requests.Response:
        headers = {"X-XSRFToken": self._token(f"/user/{self.name}/"), "Referer": f"{self.server}/lab"}
        return self.session.request(method, f"{self.server}/{path}", headers=headers, **options)

    def json(self, method: str, path: str, **options):
        answer = self.api(method, path, **options)
        answer.raise_for_status()
        return answer.json()

    def run(self, code: str) -> str:
        """What ``code`` prints in a new kernel of this user, through the proxy's websocket."""
        kernel = self.json("POST", "api/kernels", json={"name": "python3"})["id"]
        cookies = {c.name: c.value for c in self.session.cookies if c.path in ("/", f"/user/{self.name}/")}
        address = f"{self.server}/api/kernels/{kernel}/channels".replace("http://", "ws://")
        socket = create_connection(
            address,
            cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
            origin=self.hub,
            timeout=PATIENCE,
        )
        header = {"msg_id": uuid.uuid4().hex, "session": uuid.uuid4().hex, "username": self.name}
        header |= {"msg_type": "execute_request", "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": True}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        socket.send(json.dumps(message | {"channel": "shell", "buffers": []}))
        said = []
        while True:
            message = json.loads(socket.recv())
            if message["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "stream":
                said.append(content["text"])
            elif kind == "error":
                said.append(f"{content['ename']}: {content['evalue']}\n")
            elif kind == "status" and content["execution_state"] == "idle":
                break
        socket.close()
        self.api("DELETE", f"api/kernels/{kernel}")
        return "".join(said)
