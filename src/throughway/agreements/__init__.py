"""Agreement documents, their legal review and life cycle, and the grants compiled from them."""
