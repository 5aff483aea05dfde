//! Updates one iPhone: `apple-update 26.0 26.1 2026-01-20T18:00:00`.
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use apple_mdm::declarations::{read_check_in, rules::Installed, support::Enrollment};
use apple_mdm::plan::{Device, Goal, UpdatePlan};
use apple_mdm::{Report, plist, schema::Platform};
use axum::http::StatusCode;
use axum::{Router, body::Bytes, extract::State, routing::put};
use chrono::{DateTime, Utc};

type Plan = Arc<Mutex<UpdatePlan>>; // yours: a PlanState in a database, one for each device

/// One access to the plan, and what came of it. `Push` asks you for a push notification.
fn with<T>(plan: &Plan, work: impl FnOnce(&mut UpdatePlan, DateTime<Utc>) -> T) -> T {
    let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
    let result = work(&mut plan, Utc::now());
    while let Some(event) = plan.poll_event() {
        println!("{event:?}");
    }
    result
}

/// Whatever the device sends: answers to commands, and questions about declarations.
fn handle(plan: &Plan, body: &[u8]) -> Result<(StatusCode, Vec<u8>), Box<dyn Error>> {
    let message = plist::decode(body, &Default::default())?;
    if let Some((endpoint, data)) = read_check_in(message.as_dictionary().ok_or("no message")?)? {
        let answer = with(plan, |plan, now| plan.answer(now, &endpoint, &data));
        return Ok((StatusCode::from_u16(answer.status)?, answer.body));
    }
    let report = Report::decode(body, &Default::default())?;
    with(plan, |plan, now| plan.handle_report(now, &report));
    Ok((StatusCode::OK, with(plan, UpdatePlan::poll_transmit)?.unwrap_or_default()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [from, to, deadline] = [1, 2, 3].map(|at| std::env::args().nth(at).unwrap_or_default());
    let iphone = Installed::new(Platform::Ios, from.parse()?, None);
    let goal = Goal::new(to.parse()?, deadline.parse()?);
    let plan = UpdatePlan::new("iphone", Device::new(iphone, Enrollment::Supervised), goal);
    let plan = Arc::new(Mutex::new(plan));
    let mdm = async |State(plan): State<Plan>, body: Bytes| {
        handle(&plan, &body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/mdm", listener.local_addr()?);
    let router = Router::new().route("/mdm", put(mdm)).with_state(plan.clone());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            with(&plan, UpdatePlan::handle_timeout);
        }
    });
    Ok(axum::serve(listener, router).await?)
}
