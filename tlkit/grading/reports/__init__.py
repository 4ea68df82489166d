"""What results become: tables, pages, points in a gradebook, and pairs of submissions that are alike."""
