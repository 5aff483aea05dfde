//! Updates one iPhone: `apple-update 00008120-001A2B3C4D5E601E 26.0 26.1 2026-01-20T18:00:00`.
use std::{env, error::Error, sync::Arc, sync::Mutex, time::Duration};

use apple_mdm::declarations::{read_check_in, rules::Installed, support::Enrollment::Supervised};
use apple_mdm::plan::{Device, Goal, UpdatePlan};
use apple_mdm::{Report, plist, schema::Platform};
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{Router, body::Bytes, extract::State, routing::put};
use chrono::{DateTime, Utc};

type Phone = Arc<(String, Mutex<UpdatePlan>)>; // yours: a PlanState in the row of each device

/// One access to the plan, and what came of it. `Push` asks you for a push notification.
fn with<T>(phone: &Phone, work: impl FnOnce(&mut UpdatePlan, DateTime<Utc>) -> T) -> T {
    let mut plan = phone.1.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let result = work(&mut plan, Utc::now());
    std::iter::from_fn(|| plan.poll_event()).for_each(|event| println!("{event:?}"));
    result
}

/// Whatever devices send. The plan is for one of them, and not for the channel of a user.
fn handle(phone: &Phone, body: &[u8]) -> Result<Response, Box<dyn Error>> {
    let message = plist::decode(body, &Default::default())?;
    let message = message.as_dictionary().ok_or("no message")?;
    let ours = message.str("UDID") == Some(&phone.0) && message.str("UserID").is_none();
    if let Some((endpoint, data)) = read_check_in(message)?.filter(|_| ours) {
        let answer = with(phone, |plan, now| plan.answer(now, &endpoint, &data));
        let json = [(CONTENT_TYPE, apple_mdm::declarations::CONTENT_TYPE)];
        return Ok((StatusCode::from_u16(answer.status)?, json, answer.body).into_response());
    }
    let Some(report) = Report::from_dictionary(message.clone()).ok().filter(|_| ours) else {
        return Ok(().into_response()); // yours: `CheckIn` reads Authenticate, TokenUpdate (for Push)
    };
    with(phone, |plan, now| plan.handle_report(now, &report));
    let command = with(phone, UpdatePlan::poll_transmit)?.unwrap_or_default();
    Ok(([(CONTENT_TYPE, apple_mdm::CONTENT_TYPE)], command).into_response())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [udid, from, to, deadline] = [1, 2, 3, 4].map(|at| env::args().nth(at).unwrap_or_default());
    let iphone = Device::new(Installed::new(Platform::Ios, from.parse()?, None), Supervised);
    let plan = UpdatePlan::new(&*udid, iphone, Goal::new(to.parse()?, deadline.parse()?));
    let phone = Arc::new((udid, Mutex::new(plan)));
    let mdm = async |State(phone): State<Phone>, body: Bytes| {
        handle(&phone, &body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/mdm", listener.local_addr()?);
    let router = Router::new().route("/mdm", put(mdm)).with_state(phone.clone());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            with(&phone, UpdatePlan::handle_timeout);
        }
    });
    Ok(axum::serve(listener, router).await?)
}
