-- Bookings whose client was forgotten: of an event that comes later than that nothing follows. They name nobody, and stay.
CREATE TABLE erased_booking (
    booking_id uuid PRIMARY KEY
);
