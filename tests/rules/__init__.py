"""Rules: tables of cases, and properties that hold whatever the policy and the people."""
