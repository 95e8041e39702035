{% from "shop_places.sql" import places_by_orders %}
{{ places_by_orders("Cities by orders", "customer_city", label) }}
