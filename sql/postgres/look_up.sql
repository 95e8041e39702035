-- Pages that were read lately cost as much in any order.
SET LOCAL random_page_cost = {{ "1.1" if begin else "DEFAULT" }};
