{% from "shop_places.sql" import places_by_orders %}
-- Olist's customers has a row per order; where it has one per customer, these are customers.
{{ places_by_orders("States by orders", "customer_state", label) }}
