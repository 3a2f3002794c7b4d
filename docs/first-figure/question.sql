-- Students who come to the club, by grade
SELECT entry_grade_level AS grade, count(DISTINCT e.person_id) AS students
FROM school_enrollment AS e JOIN program_participation AS p ON p.person_id = e.person_id
GROUP BY 1
