"""Plays event-audit-dashboard: reads the notification service's API as its pages do."""

from python_peers import wire
from services import Answer, request


class PythonDashboard:
    def __init__(self, port: int):
        self.port = port

    def get(self, target: str) -> Answer:
        return request(self.port, "GET", target)

    def recent(self, limit: int = 10, offset: int = 0) -> list[dict]:
        answer = self.get(f"/alerts?limit={limit}&offset={offset}")
        assert answer.status == 200, answer
        assert answer.media_type == "application/json", answer.headers
        alerts = answer.json()
        assert isinstance(alerts, list), alerts
        for alert in alerts:
            self.show(alert)
        return alerts

    def one(self, alert_id: str) -> dict:
        answer = self.get(f"/alerts/{alert_id}")
        assert answer.status == 200, answer
        self.show(answer.json())
        return answer.json()

    @staticmethod
    def show(alert: dict) -> str:
        """What its templates do with an alert: each member has to be there, and the objects have to be objects."""
        for name in ("analysis_rule_details", "triggered_by_details", "impacted_resource_details", "metadata"):
            assert isinstance(alert[name], dict), (name, alert[name])
        assert isinstance(alert["raw_event_data"], dict), alert["raw_event_data"]
        return " ".join(str(alert[name]) for name in wire.ROW_MEMBERS)
