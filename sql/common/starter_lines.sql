SELECT
{% for sentence in about.customer %}
        -- {{ sentence }}
{% endfor %}
        {{ customer }} AS "customer",
{% if order %}
        {{ order }} AS "order",
{% endif %}
{% for sentence in about.date %}
        -- {{ sentence }}
{% endfor %}
        {{ date }} AS "at",
{% if currency %}
        {{ currency }} AS "currency",
{% endif %}
{% for sentence in about.amount %}
        -- {{ sentence }}
{% endfor %}
        {{ amount }} AS "amount"
    FROM {{ table | identifier }}
{% for link in links %}
    JOIN {{ link.parent | identifier }}
        ON {{ [link.parent_column] | names(link.parent) }} = {{ [link.column] | names(link.child) }}
{% endfor %}
{% if parent %}
    LEFT JOIN {{ table | identifier }} AS "parent"
        ON "parent".{{ parent.key | identifier }} = {{ [parent.column] | names(table) }}
{% endif %}
    WHERE {{ date }} IS NOT NULL
{% if first_alone %}
      -- Other lines of an order are without its amount.
      AND {{ amount }} IS NOT NULL
{% endif %}
{% if back %}
      -- What was paid back as a whole is no order.
      AND (COALESCE({{ back.less }}, 0) = 0 OR {{ back.less }} < {{ back.amount }})
{% endif %}
{% for sentence in about.statuses %}
      -- {{ sentence }}
{% endfor %}
{% for status in statuses %}
      AND COALESCE({{ status.texts | join(", ") }}, '') NOT IN ({{ status.left_out | join(", ") }})
{% endfor %}
{% for flag in flags %}
{% if flag.unset == "FALSE" %}
      AND NOT COALESCE({{ flag.columns | join(", ") }}, FALSE)
{% elif flag.unset == "NULL" %}
      AND {{ flag.columns | join(" IS NULL AND ") }} IS NULL
{% else %}
      AND COALESCE({{ flag.columns | join(", ") }}, '') = ''
{% endif %}
{% endfor %}
{% for sentence in about.currency %}
      -- {{ sentence }}
{% endfor %}
{% if only %}
      AND {{ only.column }} = {{ only.value }}
{% endif %}
      -- Leave out here what else is no purchase, such as
{% if not statuses %}
      --   cancelled orders: AND "status" <> 'cancelled'
{% endif %}
{% if not knows_currency %}
      --   amounts in other currencies: AND "currency" = 'EUR' (or convert them in "amount", above)
{% endif %}
      --   orders without an account: AND {{ given }} <> the id that they all have
