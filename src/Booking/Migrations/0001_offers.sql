-- The category tree of the public contract; its ids are fixed.
CREATE TABLE service (
    id        int PRIMARY KEY,
    parent_id int NOT NULL DEFAULT 0,
    name_ru   text NOT NULL,
    name_en   text NOT NULL
);

INSERT INTO service (id, parent_id, name_ru, name_en) VALUES
    (1, 0, 'Красота и уход', 'Beauty and care'),
    (2, 0, 'Автосервис', 'Car service'),
    (3, 0, 'Медицина', 'Medicine'),
    (4, 0, 'Ремонт электроники', 'Electronics repair'),
    (5, 0, 'Спорт', 'Sports'),
    (6, 0, 'Развлечения', 'Entertainment'),
    (7, 1, 'Мужская стрижка/бритье', 'Men''s haircut and shave'),
    (8, 1, 'Женская стрижка', 'Women''s haircut'),
    (9, 1, 'Маникюр', 'Manicure'),
    (10, 1, 'Педикюр', 'Pedicure'),
    (11, 2, 'Шиномонтаж', 'Tyre fitting'),
    (12, 2, 'Диагностика', 'Diagnostics'),
    (13, 2, 'Замена масла', 'Oil change'),
    (14, 3, 'Терапевт', 'General practitioner'),
    (15, 3, 'Стоматолог', 'Dentist'),
    (16, 3, 'Окулист', 'Eye doctor'),
    (17, 3, 'Лор', 'Ear, nose and throat doctor'),
    (18, 3, 'Хирург', 'Surgeon'),
    (19, 3, 'Педиатр', 'Paediatrician'),
    (20, 3, 'Кардиолог', 'Cardiologist'),
    (21, 4, 'Ремонт телефонов', 'Phone repair'),
    (22, 4, 'Ремонт ноутбуков/компьютеров', 'Laptop and computer repair'),
    (23, 4, 'Ремонт телевизоров', 'TV repair'),
    (24, 4, 'Ремонт бытовой техники', 'Home appliance repair'),
    (25, 5, 'Фитнес', 'Fitness'),
    (26, 5, 'Бассейн', 'Swimming pool'),
    (27, 5, 'Теннис', 'Tennis'),
    (28, 5, 'Баскетбол', 'Basketball'),
    (29, 5, 'Футбол', 'Football'),
    (30, 5, 'Волейбол', 'Volleyball'),
    (31, 5, 'Йога', 'Yoga'),
    (32, 5, 'Пилатес', 'Pilates'),
    (33, 5, 'Бокс', 'Boxing'),
    (34, 5, 'Кроссфит', 'CrossFit');

-- The company as its owner last told it; the highest version wins.
CREATE TABLE company (
    id       bigint PRIMARY KEY,
    version  bigint NOT NULL,
    name     text NOT NULL,
    location double precision[],
    active   boolean NOT NULL,
    -- BookSaga.Contracts.CompanyChanged, passed on in snapshots.
    data     jsonb NOT NULL
);

CREATE TABLE offer (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id    bigint NOT NULL REFERENCES company,
    service_id    int NOT NULL REFERENCES service,
    price_minor   bigint NOT NULL CHECK (price_minor > 0),
    datetime      timestamptz NOT NULL,
    description   text NOT NULL,
    status        text NOT NULL DEFAULT 'open'
        CHECK (status IN ('open', 'reserved', 'paid', 'submitted', 'completed', 'canceled_by_customer', 'canceled_by_company')),
    -- Who has it, set while a claim is live or was the last word.
    booking_id    uuid,
    customer_id   uuid,
    customer      jsonb,
    cancel_reason text,
    operation_id  uuid NOT NULL UNIQUE,
    created_by    uuid NOT NULL,
    updated_by    uuid,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
CREATE INDEX offer_search ON offer (service_id, datetime, id) WHERE status = 'open';
CREATE INDEX offer_by_time ON offer (datetime, id) WHERE status = 'open';
CREATE INDEX offer_by_company ON offer (company_id, datetime DESC, id DESC);
CREATE INDEX offer_by_customer ON offer (customer_id, datetime DESC, id DESC) WHERE customer_id IS NOT NULL;

-- An offer as readers see it; OfferRow reads these columns in this order.
CREATE VIEW offer_view AS
SELECT o.id, o.service_id, s.name_ru, s.name_en, o.company_id, c.name AS company_name, c.location, o.datetime, o.description, o.price_minor,
       o.status, o.cancel_reason, o.created_by, o.updated_by, o.created_at, o.updated_at, o.customer::text AS customer, o.customer_id, c.active
FROM offer o
JOIN company c ON c.id = o.company_id
JOIN service s ON s.id = o.service_id;

-- A saga's claim on an offer. The row is written once per booking and keeps the outcome of its Reserve, so every repeat gets it again.
CREATE TABLE reservation (
    booking_id  uuid PRIMARY KEY,
    offer_id    bigint NOT NULL,
    customer_id uuid NOT NULL,
    customer    jsonb NOT NULL DEFAULT '{}',
    -- What Reserve answered. 'released': a Release came first, so the late Reserve holds nothing.
    outcome     text NOT NULL CHECK (outcome IN ('held', 'taken', 'not_found', 'released')),
    -- Where the claim is now. 'gone': the company took the offer back while it was held. 'paid' stays when the offer is completed.
    state       text NOT NULL CHECK (state IN ('held', 'paid', 'released', 'gone', 'cancelled', 'none')),
    live        boolean NOT NULL,
    reason      text,
    reserved_at timestamptz NOT NULL DEFAULT now(),
    paid_at     timestamptz,
    closed_at   timestamptz,
    CHECK (live = (state IN ('held', 'paid')))
) WITH (fillfactor = 80);
-- One offer, one winner: the database itself refuses a second live claim.
CREATE UNIQUE INDEX reservation_one_live_claim ON reservation (offer_id) WHERE live;
