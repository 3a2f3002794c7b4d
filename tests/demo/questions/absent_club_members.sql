-- Club members who were chronically absent, by school
WITH club AS (
  SELECT DISTINCT person_id FROM program_participation
  WHERE program_participation_start_date <= DATE '$last-05-31'
),
school AS (
  SELECT person_id, organization_id FROM school_enrollment WHERE school_year = '$last'
  QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY enrollment_entry_date DESC) = 1
),
missed AS (
  SELECT person_id, count(DISTINCT attendance_event_date) AS days FROM attendance_day
  WHERE attendance_status IN ('ExcusedAbsence', 'UnexcusedAbsence')
    AND attendance_event_date BETWEEN DATE '$before-08-01' AND DATE '$last-06-30'
  GROUP BY person_id
)
SELECT o.organization_name AS school, count(DISTINCT c.person_id) AS members,
  avg(CASE WHEN coalesce(m.days, 0) >= 18 THEN 1 ELSE 0 END) AS chronically_absent
FROM club c JOIN school s ON s.person_id = c.person_id
JOIN organization o ON o.organization_id = s.organization_id
LEFT JOIN missed m ON m.person_id = c.person_id
GROUP BY ALL
