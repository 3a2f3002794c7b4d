-- Minutes of help, by race
WITH each AS (
  SELECT person_id, sum(service_quantity) AS minutes FROM service_received
  WHERE service_quantity_unit = 'minute' GROUP BY person_id
)
SELECT r.race, count(DISTINCT e.person_id) AS students, sum(e.minutes) AS minutes,
  count(DISTINCT e.person_id) FILTER (WHERE e.minutes >= 600) AS ten_hours
FROM each e LEFT JOIN (SELECT DISTINCT person_id, race FROM person_race) r ON r.person_id = e.person_id
GROUP BY r.race
