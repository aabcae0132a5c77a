"""A late policy for nbgrader: days of grace, then a part of the points for each day begun, then nothing."""

import math

from nbgrader.plugins import BasePlugin
from traitlets import Float, Int


class LatePolicy(BasePlugin):
    """For nbgrader_config.py: ``c.AssignLatePenalties.plugin_class = "dlcourse.grading.late.LatePolicy"``."""

    grace_minutes = Float(15, help="so late is not late").tag(config=True)
    per_day = Float(0.1, help="part of the score that each day begun costs").tag(config=True)
    most_days = Int(7, help="after so many days the score is 0").tag(config=True)

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        """Points to take off ``score``; nbgrader asks when a submission came after the due date."""
        late = total_seconds_late - 60 * self.grace_minutes
        if late <= 0:
            return 0.0
        days = math.ceil(late / 86_400)
        return score if days > self.most_days else round(score * min(1.0, days * self.per_day), 2)
