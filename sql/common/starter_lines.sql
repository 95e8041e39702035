SELECT
        {{ customer }} AS "customer",
{% if order %}
        {{ order }} AS "order",
{% endif %}
{% for sentence in about.date %}
        -- {{ sentence }}
{% endfor %}
        {{ date }} AS "at",
{% for sentence in about.amount %}
        -- {{ sentence }}
{% endfor %}
        {{ amount }} AS "amount"
    FROM {{ table | identifier }}
{% for link in links %}
    JOIN {{ link.parent | identifier }}
        ON {{ [link.parent_column] | names(link.parent) }} = {{ [link.column] | names(link.child) }}
{% endfor %}
    WHERE {{ given }} IS NOT NULL
{% if is_text %}
      AND {{ given }} <> ''
{% endif %}
      AND {{ date }} IS NOT NULL
{% for sentence in about.statuses %}
      -- {{ sentence }}
{% endfor %}
{% for status in statuses %}
      AND ({{ status.column }} IS NULL OR {{ status.text }} NOT IN ({{ status.left_out | join(", ") }}))
{% endfor %}
{% for flag in flags %}
      AND {{ ("NOT COALESCE(%s, FALSE)" if flag.is_boolean else "%s IS NULL") | format(flag.column) }}
{% endfor %}
      -- Leave out here what else is no purchase, such as
{% if not statuses %}
      --   cancelled orders: AND "status" <> 'cancelled'
{% endif %}
      --   amounts in other currencies: AND "currency" = 'EUR' (or convert them in "amount", above)
      --   orders without an account: AND {{ given }} <> the id that they all have
