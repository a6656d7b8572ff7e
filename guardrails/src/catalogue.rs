//! The catalogue: every detector that ships, by field.

use crate::detector::Detector;

mod network;
mod personal;
mod phone;
mod finance;
mod america;
mod britain;
mod australia;
mod germany;
mod europe;
mod asia;
mod south;
mod cloud;
mod services;
mod vendors;
mod secrets;
mod attack;

/// Every row. The order is priority: of two matches with the same start, end and confidence, the earlier row wins.
pub fn rows() -> impl Iterator<Item = &'static Detector> {
    let fields = [
        secrets::ROWS,
        cloud::ROWS,
        services::ROWS,
        vendors::ROWS,
        finance::ROWS,
        network::ROWS,
        america::ROWS,
        britain::ROWS,
        germany::ROWS,
        europe::ROWS,
        asia::ROWS,
        south::ROWS,
        australia::ROWS,
        phone::ROWS,
        personal::ROWS,
        attack::ROWS,
    ];
    fields.into_iter().flatten()
}
