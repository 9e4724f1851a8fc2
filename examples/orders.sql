-- The table that examples/orders.csv is loaded into.
create table orders (
  id integer primary key,
  product text not null,
  quantity integer not null check (quantity > 0),
  price numeric(8, 2) not null,
  ordered_on date not null,
  paid boolean not null default false,
  created_at timestamptz not null default now()
);
