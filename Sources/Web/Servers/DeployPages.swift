import Cloud
import HTTPTypes

/// Ordering a server.
struct DeployPages: Sendable {
    let cloud: Cloud

    @Sendable func show(_ visit: Visit) async throws -> Answer { try await page(visit, visit.query, nil) }

    @Sendable func deploy(_ visit: Visit) async throws -> Answer {
        let order = ServerOrder(
            plan: visit.form["plan"], region: visit.form["region"], image: visit.form["image"],
            name: visit.form.optional("name"))
        do {
            return try await visit.once(
                in: cloud.repeats, leadingTo: { (deployed: Deployed) in Link("/servers/\(deployed.server.id)") }
            ) { once in
                try await cloud.servers.create(order, by: visit.requester(), once: once)
            }
        } catch let refusal as Refusal {
            return try await page(visit, visit.form, refusal)
        }
    }

    private func page(_ visit: Visit, _ form: Form, _ refusal: Refusal?) async throws -> Answer {
        let account = try visit.person().account
        let standing = try await cloud.accounts.standing(of: account)
        let keys = try await cloud.sshKeys.list(of: account)
        let catalogue = cloud.offers.catalogue
        let plan = catalogue.plan(PlanID(form["plan"])) ?? catalogue.plans.first { $0.popular } ?? catalogue.plans[0]
        let content: HTML = """
            \(visit.once(from: refusal == nil ? form : Form()))
            <div class="sides"><div>
            \(choices("Plan", "plan", refusal, catalogue.plans.map { self.choice($0, plan) }))
            \(choices("Region", "region", refusal, regions(form["region"])))
            \(choices("Image", "image", refusal, images(form["image"])))
            <section class="card">\(Field.line(
                "Name", "name", value: form["name"], hint: "Letters, digits, dots, dashes; left empty, we make one up",
                required: false, refusal: refusal))</section></div>
            \(side(visit, standing, plan, keys, order: form))</div>
            """
        let action: HTML = """
            <form method="post" action="/servers/new" data-order data-remaining="\(standing.remaining.cents)">\
            \(visit.hidden)\(content)</form>
            """
        let body: HTML = """
            <div class="head"><h1>Deploy a server</h1></div>\(hindrance(standing))
            \(Field.summary(refusal, besides: ["plan", "region", "image", "name"]))\(action)
            """
        return visit.page(Page("Deploy a server", at: .servers, body), refused: refusal)
    }

    /// What stands in the way is said before anything is chosen.
    private func hindrance(_ standing: AccountStanding) -> HTML {
        guard let reason = standing.hindrance else { return .empty }
        return #"<p class="notice bad">\#(reason). <a href="/payment">Payment</a></p>"#
    }

    private func choices(_ label: String, _ name: String, _ refusal: Refusal?, _ choices: [HTML]) -> HTML {
        """
        <section class="card"><fieldset class="field"><legend><h2>\(label)</h2></legend>\
        <div class="choices">\(choices)</div>\
        \(refusal?.fields[name].map { Field.error($0, of: name) })</fieldset></section>
        """
    }

    private func choice(_ plan: Plan, _ chosen: Plan) -> HTML {
        """
        <label class="choice"><input type="radio" name="plan" value="\(plan.id.text)" \
        data-cents="\(plan.price.cents)"\(flag: "checked", if: plan.id == chosen.id)>\
        <b>\(plan.name)\(plan.popular ? " <span class=\"tag\">Popular</span>" : .empty)</b>\
        <span>\(PlanWords.short(plan))</span><span>\(plan.bandwidth) traffic</span>\
        <span class="price">\(plan.price.text) a month</span></label>
        """
    }

    private func regions(_ chosen: String) -> [HTML] {
        let regions = cloud.offers.catalogue.regions
        let first = regions.first { $0.id.text == chosen } ?? regions.first
        return regions.map { region in
            """
            <label class="choice"><input type="radio" name="region" value="\(region.id.text)"\
            \(flag: "checked", if: region.id == first?.id)><b>\(region.flag) \(region.name)</b>\
            <span>\(region.id.text)</span>\
            \(region.simulatedLocation ? "<span>Stands on this host</span>" : .empty)</label>
            """
        }
    }

    private func images(_ chosen: String) -> [HTML] {
        let offered = cloud.offers.catalogue.images.map { ($0, cloud.offers.availability(of: $0)) }
        let first =
            offered.first { $0.0.id.text == chosen && $0.1 == .available } ?? offered.first { $0.1 == .available }
        return offered.map { image, availability in
            var reason: String?
            if case .unavailable(let words) = availability { reason = words }
            return """
                <label class="choice"><input type="radio" name="image" value="\(image.id.text)"\
                \(flag: "checked", if: image.id == first?.0.id)\(flag: "disabled", if: reason != nil)>\
                <b>\(image.name)</b><span>\(reason ?? "You sign in as \(image.user)")</span></label>
                """
        }
    }

    private func side(
        _ visit: Visit, _ standing: AccountStanding, _ plan: Plan, _ keys: [SSHKey], order: Form
    ) -> HTML {
        let rest = standing.remaining - plan.price
        let named: HTML =
            keys.isEmpty
            ? """
            <p class="notice bad">No SSH key yet: nobody could sign in to the server. \
            <a href="/ssh-keys">Add one first</a>.</p>
            """
            : "<p class=\"soft\">Installed on it: \(keys.map(\.name).joined(separator: ", ")).</p>"
        let catalogue = cloud.offers.catalogue
        return """
            <aside class="card sticky"><h2>Your order</h2><p class="big" id="order-price">\(plan.price.text)</p>
            <p class="soft">a month, charged by the second while it exists</p>
            <dl><dt>Left of your cap</dt><dd id="order-rest">\(rest < .zero ? "beyond your cap" : rest.text)</dd></dl>
            \(named)<button class="button">Deploy</button>
            <details><summary>The same with curl</summary><pre id="order-call">curl -X POST \(visit.address)/v1/servers \
            -H "Authorization: Bearer $CAIPORT_KEY" -d '{"plan":"\(plan.id.text)",\
            "region":"\(order.optional("region") ?? catalogue.regions.first?.id.text ?? "")",\
            "image":"\(order.optional("image") ?? catalogue.images.first?.id.text ?? "")"}'</pre></details></aside>
            """
    }
}
