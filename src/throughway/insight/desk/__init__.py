"""The desk of evaluators: questions in SQL beside the schema that a purpose shows, and questions that they save."""
