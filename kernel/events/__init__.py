"""Three kinds of event, never mixed: hooks (`Work.hook`), the outbox with its subscribers, notices on the
bus.
"""
