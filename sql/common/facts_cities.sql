{% from "shop_places.sql" import places_by_orders with context %}
-- As facts_states.sql.
{{ places_by_orders("Cities by orders", "customer_city", label) }}
