// Made from the server's OpenAPI document by `npm run types`; do not edit.
export interface paths {
    "/api/v1/adjustments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Relaxes or tightens a control until a date. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Adjusting"];
                };
            };
            responses: {
                /** @description The adjustment */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admission": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A validating admission webhook of Kubernetes, for Deployments, StatefulSets and their scale. What cannot be decided is
         *     let pass, with a warning.
         */
        post: {
            parameters: {
                query?: {
                    /** @description The environment of what does not say it. */
                    environment?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description AdmissionReview of admission.k8s.io/v1 */
            requestBody: {
                content: {
                    "application/json": unknown;
                };
            };
            responses: {
                /** @description AdmissionReview with the response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agenda": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The agenda of some teams, from what happened since they met last. */
        get: {
            parameters: {
                query: {
                    /** @description As it was at this time; now when absent. */
                    at?: string;
                    /** @description The day of the meeting, such as 2026-12-01; today when absent. */
                    for?: string;
                    /** @description `json`, `markdown`, `html`, `ics` [default: json]. */
                    format?: string;
                    /** @description A team, or several with `+` or commas between them. */
                    teams: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Sections of lines, each with the facts behind it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every machine that an agent ever reported, and the policy that all of them follow. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Agents, and the policy */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts, the newest first. */
        get: {
            parameters: {
                query?: {
                    /** @description Goes on after a page: its `next`. */
                    after?: string;
                    /** @description About this: `host:web-1`. */
                    entity?: string;
                    /** @description Raised since. */
                    from?: string;
                    /** @description In this incident. */
                    incident?: number;
                    /** @description At least so bad: `informational`, `low`, `medium`, `high`, `critical`. */
                    level?: string;
                    /** @description Rows at most [default: 100]. */
                    limit?: number;
                    /** @description What comes first: `opened`, `last`, `level` [default: opened]. */
                    order?: string;
                    /** @description Of this rule. */
                    rule?: string;
                    /** @description `open`, `acknowledged`, `snoozed`, `resolved`, separated by commas [default: all but resolved]. */
                    state?: string;
                    /** @description Of these teams, separated by commas. */
                    team?: string;
                    /** @description With this in the title. */
                    text?: string;
                    /** @description Raised before. */
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page, counts over all pages, and where the next one goes on */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One alert with its events, suspects, findings, the last like it, and what happened to it. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The alert */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description There is none that may be seen */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/playbook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries, runs or undoes a playbook of an alert. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Playing"];
                };
            };
            responses: {
                /** @description What it does, step by step */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/act": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does something to alerts, incidents, tasks or suppressions: to all that are named, or to none. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Acting"];
                };
            };
            responses: {
                /** @description How many */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description One of them is another team's */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was said to controls: what waits for a reply, or what the caller said, with the replies. It names nobody. */
        get: {
            parameters: {
                query?: {
                    /** @description Those too that were replied to. */
                    all?: boolean;
                    /** @description What the caller said, with the replies. */
                    mine?: boolean;
                    /** @description What waits for a reply of this team. */
                    owner?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Answers and questions */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /**
         * Answers a control at the point where it speaks: "this helped", "this hurt, because ...", a question, a request for an
         *     exception. Whoever is stopped may answer.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Answering"];
                };
            };
            responses: {
                /** @description The answer, and who hears of it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit trail, names masked unless there is a reason. */
        get: {
            parameters: {
                query?: {
                    /** @description From this place on; 0 is the first entry. */
                    from?: number;
                    /** @description Entries at most. */
                    limit?: number;
                    /** @description Why names are shown. Without it they are not, and with it that is an entry of its own. */
                    reason?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Entries in their order */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks at every entry, checkpoint and decision. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description How many there are, and what is wrong */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Backs up everything acknowledged so far into a folder of the server's machine. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["BackupParameters"];
                };
            };
            responses: {
                /** @description What was copied */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Without the control key */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calendar/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Roadmap and upgrades for a calendar that knows nothing but an address: the token in it is the key, and asks nothing else. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An API token of a viewer */
                    token: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description iCalendar */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description No such link */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Records a change. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ChangeParameters"];
                };
            };
            responses: {
                /** @description Whether it was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks whether something may be released, or grow. Everything starts by observing: `stopped` is true only where a control
         *     is enforced. Each reason has its control, both whys, the facts, the fix, whom to ask and how to answer.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Checking"];
                };
            };
            responses: {
                /** @description A verdict for each question, with its decision */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clocks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Clocks that differ from the server's, by machine. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Machines and the offsets of their clocks */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What could come next in a search. */
        get: {
            parameters: {
                query?: {
                    /** @description Byte offset of the cursor; the end when absent. */
                    cursor?: number;
                    /** @description The text so far. */
                    query?: string;
                    /** @description `logs`, `spans` or `metrics`. */
                    table?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Proposals */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** What could come next in a search. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Byte offset of the cursor; the end when absent. */
                        cursor?: number;
                        /** @description The text so far. */
                        query?: string;
                        /** @description `logs`, `spans` or `metrics`. */
                        table?: string;
                    };
                };
            };
            responses: {
                /** @description Proposals */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All controls with how they speak, exceptions and lockdowns in force, and lockdowns that wait for a review. */
        get: {
            parameters: {
                query?: {
                    /** @description When it was so; now when absent. */
                    at?: string;
                    /** @description As they speak to this: `service:checkout`. */
                    entity?: string;
                    /** @description In this environment. */
                    environment?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Controls; each says why it speaks as it does */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controls/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One control: what it is for, how it speaks, who is exempt, what is asked, and what it costs and stands against. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The control */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description No such control */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps a decision. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description `key`, `kind`, `at` (nanoseconds), `entity`, `reason`, `owner`, `control`, `expires`, `cites`, `body` */
            requestBody: {
                content: {
                    "application/json": unknown;
                };
            };
            responses: {
                /** @description Its id */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What is missing */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/detection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How detection is doing: how far it has come, what it did, and how long alerts take. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Numbers since the start; those over all datasets for who may see them */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dora": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The measures by service, team and month, each with the events it comes from. */
        get: {
            parameters: {
                query?: {
                    /** @description Months up to the current one [default: 6]. */
                    months?: number;
                    /** @description Environments that are production, separated by commas [default: production, prod, live]. */
                    production?: string;
                    /** @description One service alone. */
                    service?: string;
                    /** @description One team alone. */
                    team?: string;
                    /** @description The end; now when absent. */
                    until?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Measures */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drill-runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A drill that is run: its phase, the next step, what probes saw. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The run */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drill-runs/{id}/did": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The next step was done, or answered at the table. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Saying"];
                };
            };
            responses: {
                /** @description The run */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drill-runs/{id}/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ends a drill, and keeps the evidence: steps, what probes saw, and the times with the facts behind them. One that is not
         *     over is given up.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The evidence, and each time beside what was expected */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drill-runs/{id}/took_back": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The next step back was done. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Saying"];
                };
            };
            responses: {
                /** @description The run */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Drills that files of knowledge describe. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Drills, and files that cannot be used */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drills/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One drill: its steps, its probes, and the questions that it asks at a table, with what is known of the answers. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The drill */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drills/{name}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins a drill. That is kept before anything is broken; with probes it is looked first whether all is well. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Running"];
                };
            };
            responses: {
                /** @description The run, under the id of the decision that it began */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** CloudEvents, with CDEvents inside: structured, in batches, or in headers. */
        post: {
            parameters: {
                query?: {
                    /** @description Who may see it. */
                    dataset?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/cloudevents+json": unknown;
                };
            };
            responses: {
                /** @description What was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exceptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What exempts, hides, locks or adjusts, with control, reason, owner, end and a way to answer; also what ended of late. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What is in force, and what ends soon or ended of late */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** Exempts something from a control until a day. It takes an editor of the team that owns the control; others ask for it. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Excepting"];
                };
            };
            responses: {
                /** @description The exception */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exceptions/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends an exception or an adjustment before its time. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Ending"];
                };
            };
            responses: {
                /** @description It has ended */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exceptions/{id}/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Renews an exception or an adjustment, with one key: as it is, for as long as before, 90 days at most. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Ending"];
                };
            };
            responses: {
                /** @description The renewal */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exceptions/form": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A form for an exception, filled in: all but why. */
        get: {
            parameters: {
                query: {
                    /** @description The control. */
                    control: string;
                    /** @description For this: `service:checkout`. */
                    entity?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Owner, end, and what the control is for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The most frequent values of fields among the rows that match. */
        get: {
            parameters: {
                query: {
                    /** @description Fields, separated by commas. */
                    fields: string;
                    /** @description Not before this time. */
                    from?: string;
                    /** @description Values per field at most. */
                    limit?: number;
                    /** @description The search that rows must match. */
                    query?: string;
                    /** @description `logs`, `spans` or `metrics`. */
                    table?: string;
                    /** @description Before this time. */
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Values with counts, the most frequent first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** The most frequent values of fields among the rows that match. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Fields, separated by commas. */
                        fields: string;
                        /** @description Not before this time. */
                        from?: string;
                        /** @description Values per field at most. */
                        limit?: number;
                        /** @description The search that rows must match. */
                        query?: string;
                        /** @description `logs`, `spans` or `metrics`. */
                        table?: string;
                        /** @description Before this time. */
                        to?: string;
                    };
                };
            };
            responses: {
                /** @description Values with counts, the most frequent first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/facts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Facts of any source. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description `origin`, `dataset`, `observations`, `complete`, `findings`, `changes` */
            requestBody: {
                content: {
                    "application/json": unknown;
                };
            };
            responses: {
                /** @description What was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/fields": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The fields that occur, with their types. */
        get: {
            parameters: {
                query?: {
                    /** @description Not before this time. */
                    from?: string;
                    /** @description `logs`, `spans` or `metrics`. */
                    table?: string;
                    /** @description Before this time. */
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Columns, attributes and resource attributes */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Findings, the most urgent first, each with its rank term by term and who must act. */
        get: {
            parameters: {
                query?: {
                    /** @description Of this rule, at this place, or naming it: an advisory, an alias of it, a component. */
                    about?: string;
                    /** @description When it was so; now when absent. */
                    at?: string;
                    /** @description Those of a side branch. */
                    branch?: string;
                    /** @description Of this: `repository:github.com/acme/shop`. */
                    entity?: string;
                    /** @description As it was known then; as it is known now when absent. */
                    known?: string;
                    /** @description Findings at most [default: 100]. */
                    limit?: number;
                    /** @description That this team must act on; `-` for those that nobody owns. */
                    owner?: string;
                    /** @description Of this rule. */
                    rule?: string;
                    /** @description `critical`, `high`, ..., separated by commas. */
                    severity?: string;
                    /** @description Found or changed at this time or later. */
                    since?: string;
                    /** @description `new`, `open`, `back`, `fixed`, separated by commas [default: all but fixed]. */
                    state?: string;
                    /** @description Those too that something hides at the time. */
                    suppressed?: boolean;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Findings, how many there are, and how many are hidden */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/flush": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Writes everything that is in memory to files. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Everything is in files */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Erases a person's name everywhere in the ledger, and every way in that the person had. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ForgetParameters"];
                };
            };
            responses: {
                /** @description It is gone, and the trail still verifies */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friction": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Friction beside risk, by control and by system, never by person; and what is proposed, with the numbers. */
        get: {
            parameters: {
                query?: {
                    /** @description So many days up to now [default: 30]. */
                    days?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A row for each control and system, and proposals */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The steps that gain most, lockdowns in force and those that wait for a review, what ends, questions to the caller's teams, open incidents,
         *     how many findings are open, and files of knowledge that cannot be used.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Each list with how many there are in all */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A webhook of `github` or `gitlab`, signed with the secret that was configured. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    source: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": string;
                };
            };
            responses: {
                /** @description What was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not signed, or wrongly */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A delivery that came before */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/{format}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reads a document: `catalog`, `codeowners`, `cyclonedx`, `spdx`, `kubernetes`, `osquery`, or `auto`. */
        post: {
            parameters: {
                query?: {
                    /** @description When it was so; now when absent. */
                    at?: string;
                    /** @description The Kubernetes cluster it comes from. */
                    cluster?: string;
                    /** @description Who may see it. */
                    dataset?: string;
                    /** @description Name of the file, for messages. */
                    name?: string;
                    /** @description What it is about when it does not say: `repository:github.com/acme/shop`, `host:web-1`. */
                    subject?: string;
                };
                header?: never;
                path: {
                    format: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/octet-stream": string;
                };
            };
            responses: {
                /** @description What was new, and notes */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description File, line and reason */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/sarif": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a SARIF 2.1.0 log of any tool. */
        post: {
            parameters: {
                query?: {
                    /** @description When it was so; now when absent. */
                    at?: string;
                    /** @description The branch, when it does not say. */
                    branch?: string;
                    /** @description Tells it from other runs of the same tool when it does not say so itself. */
                    category?: string;
                    /** @description The commit that was scanned, when it does not say. */
                    commit?: string;
                    /** @description Who may see it. */
                    dataset?: string;
                    /** @description What it is about when it does not say. */
                    fallback?: string;
                    /** @description Name of the file, for messages. */
                    name?: string;
                    /** @description Absolute paths become relative to this folder. */
                    root?: string;
                    /** @description The branch is not the default one. */
                    side?: boolean;
                    /** @description What it is about, whatever it says: `repository:github.com/acme/shop`. */
                    subject?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/octet-stream": string;
                };
            };
            responses: {
                /** @description What is new, back and fixed, for each tool and category */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description File, line and reason; nothing was kept */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Incidents, the newest first. */
        get: {
            parameters: {
                query?: {
                    /** @description Goes on after a page: its `next`. */
                    after?: string;
                    /** @description About this: `host:web-1`. */
                    entity?: string;
                    /** @description Raised since. */
                    from?: string;
                    /** @description In this incident. */
                    incident?: number;
                    /** @description At least so bad: `informational`, `low`, `medium`, `high`, `critical`. */
                    level?: string;
                    /** @description Rows at most [default: 100]. */
                    limit?: number;
                    /** @description What comes first: `opened`, `last`, `level` [default: opened]. */
                    order?: string;
                    /** @description Of this rule. */
                    rule?: string;
                    /** @description `open`, `acknowledged`, `snoozed`, `resolved`, separated by commas [default: all but resolved]. */
                    state?: string;
                    /** @description Of these teams, separated by commas. */
                    team?: string;
                    /** @description With this in the title. */
                    text?: string;
                    /** @description Raised before. */
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page, counts over all pages, and where the next one goes on */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** Opens an incident that no rule saw. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Opening"];
                };
            };
            responses: {
                /** @description Its id */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One incident with its alerts, tasks and timeline, and how long it took to the first signal that was of use. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The incident */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description There is none that may be seen */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The incident as Markdown, for a review: the story, and no person. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Markdown */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/markdown": unknown;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds something to do to an incident. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Tasking"];
                };
            };
            responses: {
                /** @description Its id */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ingest/facts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Facts that a machine reports, by its ingest token. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description `origin`, `observations`, `complete`, `findings`, `changes` */
            requestBody: {
                content: {
                    "application/json": unknown;
                };
            };
            responses: {
                /** @description What was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A source that needs a role */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ingest/json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes lines. Answers how many were kept, and why the first of the others was not. */
        post: {
            parameters: {
                query?: {
                    /** @description `json` (when absent), `logfmt`, `access`, `syslog`, `plain` or `auto` */
                    format?: string;
                    /** @description Fields of the host, separated by commas; also `_host_field` */
                    host?: string;
                    /** @description Fields of the level, separated by commas; also `_level_field` */
                    level?: string;
                    /** @description Fields of the text, separated by commas; also `_msg_field` */
                    message?: string;
                    /** @description Fields of the service, separated by commas; also `_service_field` */
                    service?: string;
                    /** @description Fields of the span, 16 hex digits, separated by commas; also `_span_id_field` */
                    span_id?: string;
                    /** @description Fields of the time, separated by commas; also `_time_field` */
                    time?: string;
                    /** @description Fields of the trace, 32 hex digits, separated by commas; also `_trace_id_field` */
                    trace_id?: string;
                };
                header?: {
                    /** @description `gzip`, `zstd` or `deflate` */
                    "content-encoding"?: string | null;
                    /** @description The sender's name for the request, by which a retry is recognised */
                    "idempotency-key"?: string | null;
                };
                path?: never;
                cookie?: never;
            };
            /** @description One JSON object a line, or lines of `format`; any content type */
            requestBody: {
                content: {
                    "application/x-ndjson": string;
                };
            };
            responses: {
                /** @description What was kept and what was refused */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ingest/scans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same from a pipeline, by its ingest token, whose dataset it goes to. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description As to /api/v1/scans */
            requestBody: {
                content: {
                    "application/json": unknown;
                };
            };
            responses: {
                /** @description What is new, back and fixed */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description No ingest token */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inventory/{report}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A report: `running`, `parts`, `orphans`, `silent`, `unread`, `coverage`, `external`, `images`, `sockets`, `surface`,
         *     `growth`, `engineers`, `layers` or `clocks`.
         */
        get: {
            parameters: {
                query?: {
                    /** @description `sockets`: also those that only the machine itself reaches. */
                    all?: boolean;
                    /** @description When it was so; now when absent. */
                    at?: string;
                    /** @description `unread`: not asked for in so many days [default: 30]; `surface` and `growth`: over so many days [default: 30]. */
                    days?: number;
                    /** @description `engineers`: how many security engineers there are. */
                    engineers?: number;
                    /** @description `running`, `orphans`: of this kind alone, such as `service`. */
                    kind?: string;
                    /** @description As it was known then; as it is known now when absent. */
                    known?: string;
                    /** @description `parts`: of what, such as `host:web-1`. */
                    of?: string;
                };
                header?: never;
                path: {
                    report: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Rows, how many, and what they were computed from */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/knowledge/helped": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps that a page helped: it comes first among equals at the next alert of that rule. Who said so does not count. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Helping"];
                };
            };
            responses: {
                /** @description The decision */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description No such page */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/knowledge/lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is missing, old or broken: rules without a runbook, pages past their day, links and commands that lead nowhere. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Lists, each with its length */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/knowledge/page": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page as Markdown and as HTML, in which nothing runs and nothing is loaded from elsewhere. */
        get: {
            parameters: {
                query: {
                    /** @description Its id: the path in its folder. */
                    id: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description No such page */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/knowledge/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pages in the order of their ids, and what is wrong with folders and files. */
        get: {
            parameters: {
                query?: {
                    /** @description Goes on after a page: its id. */
                    after?: string;
                    /** @description `runbook`, `note`, `review`, `decision`, `control`, `roadmap`, separated by commas. */
                    kind?: string;
                    /** @description Pages at most [default: 1000, and no more]. */
                    limit?: number;
                    /** @description Of this team. */
                    owner?: string;
                    /** @description For one of these services, separated by commas. */
                    service?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Pages without their texts; `next` where the list goes on */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/knowledge/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One search over pages, reviews of incidents, controls, what was decided and said, and notes of meetings. */
        get: {
            parameters: {
                query?: {
                    /** @description `runbook`, `note`, `review`, `decision`, `control`, `roadmap`, `incident`, `answer`, `meeting`, separated by commas. */
                    kind?: string;
                    /** @description Answers at most [default: 20]. */
                    limit?: number;
                    /** @description Of this team. */
                    owner?: string;
                    /** @description Words; `"in quotes"` is a phrase. Without any, the newest. */
                    q?: string;
                    /** @description For one of these services, separated by commas. */
                    service?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was found, the best first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/levers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The next steps that gain most for operations and security: at most five, each with its number, evidence, effort and gain. */
        get: {
            parameters: {
                query?: {
                    /** @description All, those too whose number is 0 or that nobody can count. */
                    all?: boolean;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Levers, the best first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/levers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One lever, and what its number counts, one by one. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The lever with as many rows as its number says */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/levers/measure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps the number of each lever for today, unless that was done. It is done once a day anyway. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description How many numbers were kept */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lockdowns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tightens controls at once, until a time, to be reviewed afterwards. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Locking"];
                };
            };
            responses: {
                /** @description The lockdown */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lockdowns/{id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reviews one control of a lockdown. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Reviewing"];
                };
            };
            responses: {
                /** @description What still waits */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins a session, in a cookie. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["LogIn"];
                };
            };
            responses: {
                /** @description Who you are, and the token for requests that change something */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not this password, or nobody by that name */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Too often */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session of this browser. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description You are out */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who asks, and what that may do. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Name, kind, grants */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets one's own password, and ends all of one's sessions. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["OwnPassword"];
                };
            };
            responses: {
                /** @description Log in again with it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not the old password */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meetings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps that a meeting was held, and what was noted. Told again for the same day, the newest notes count. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Held"];
                };
            };
            responses: {
                /** @description The meeting */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/metrics/range": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Points in steps of time, a series per group. */
        get: {
            parameters: {
                query: {
                    /** @description `avg`, `min`, `max`, `sum`, `count`, `last`, `p50`, `p90`, `p95`, `p99`, `increase` or `rate` (per second). */
                    agg?: string;
                    /** @description Fields to group by, separated by commas. */
                    by?: string;
                    /** @description Not before this time; an hour ago when absent. */
                    from?: string;
                    /** @description Name of the metric. */
                    name: string;
                    /** @description A search that its points must match. */
                    query?: string;
                    /** @description Width of a step, such as `1m`; chosen for about 60 steps when absent. */
                    step?: string;
                    /** @description Before this time; now when absent. */
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Series of points */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** Points in steps of time, a series per group. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description `avg`, `min`, `max`, `sum`, `count`, `last`, `p50`, `p90`, `p95`, `p99`, `increase` or `rate` (per second). */
                        agg?: string;
                        /** @description Fields to group by, separated by commas. */
                        by?: string;
                        /** @description Not before this time; an hour ago when absent. */
                        from?: string;
                        /** @description Name of the metric. */
                        name: string;
                        /** @description A search that its points must match. */
                        query?: string;
                        /** @description Width of a step, such as `1m`; chosen for about 60 steps when absent. */
                        step?: string;
                        /** @description Before this time; now when absent. */
                        to?: string;
                    };
                };
            };
            responses: {
                /** @description Series of points */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says who looks at an alert, an incident or a task, to a responder of its team. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Naming"];
                };
            };
            responses: {
                /** @description The name, none when nobody looks at it or the name was erased */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Notices that were given up. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Notices that no channel took, with what went wrong */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notices/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends notices again that were given up. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Retrying"];
                };
            };
            responses: {
                /** @description How many */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/oidc/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Takes the browser back from the provider. */
        get: {
            parameters: {
                query?: {
                    code?: string;
                    state?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description You are in */
                303: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not what was asked for */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/oidc/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sends the browser to the provider. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description To the provider */
                303: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description There is none */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/owners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who owned something at a time, why that is said, and who says otherwise. */
        get: {
            parameters: {
                query: {
                    /** @description When it was so; now when absent. */
                    at?: string;
                    /** @description `service:checkout`. */
                    entity: string;
                    /** @description As it was known then; as it is known now when absent. */
                    known?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Owners by layer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** Hands something over to a team: a decision, and the claim that follows from it. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["HandOver"];
                };
            };
            responses: {
                /** @description The decision */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description It belongs to another team */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/owners/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who owned something at two times, and the hand-overs between them. */
        get: {
            parameters: {
                query: {
                    /** @description `service:checkout`. */
                    entity: string;
                    /** @description The earlier time. */
                    from: string;
                    /** @description The later time; now when absent. */
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Owners before and after, intervals and hand-overs */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How everything comes back: the minimum first, each in its round, circles by name, and what is missing. Spans of time are
         *     in seconds.
         */
        get: {
            parameters: {
                query?: {
                    /** @description As it was at this time; now when absent. */
                    at?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Parts, rounds, circles and gaps */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/replies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replies for a control, and relaxes, tightens or excepts until a date. Whoever asked is told. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Replying"];
                };
            };
            responses: {
                /** @description The reply, and what it made */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/risk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What there is most to fear from: the risk of things by their alerts of the last day, less as time goes by. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Things, the riskiest first, by the 1,000 alerts that fired last */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roadmap": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is planned, by time, and of what restricts somebody soon, who hears of it. */
        get: {
            parameters: {
                query?: {
                    /** @description `json`, `ics` [default: json]. */
                    format?: string;
                    /** @description What affects this team, or is theirs. */
                    team?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Initiatives and upgrades */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/routes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every route, and what it needs. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Method, path, need */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rules in use, how often each was looked at and matched since the start, and what was refused. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Rules, correlations and operational rules; and what was refused, with its place */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/backtest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Runs a rule over stored history and says how often it would have fired. It raises nothing. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Backtesting"];
                };
            };
            responses: {
                /** @description How often, when, about what, and the first alerts */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description The rule is refused, or the time is too long */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The ledger of rules: for each rule and team what came of its alerts, and what is proposed. It counts no person. */
        get: {
            parameters: {
                query?: {
                    /** @description Alerts raised in so many days [default: 30]. */
                    days?: number;
                    /** @description Only rules about which something is proposed. */
                    proposals?: boolean;
                    /** @description Of this rule alone. */
                    rule?: string;
                    /** @description Of this team alone. */
                    team?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A row for each rule and team, the noisiest first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reads the rules again, from where they were read at the start. A broken one stops none of the others; windows of rules
         *     that have not changed go on.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            responses: {
                /** @description What was loaded, refused with its place, and what is new, gone or another */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description They cannot be read at all; those in force stay */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/scans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes the result of a scan: what is told twice is one. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description `report`: entity, tool, source, rules, scope, incomplete, findings; `components`: a CycloneDX document */
            requestBody: {
                content: {
                    "application/json": unknown;
                };
            };
            responses: {
                /** @description What is new, back and fixed */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What is wrong; nothing was kept */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Searches. Each line of the answer has one of `columns`, `row`, `histogram`, `error` or `done`. */
        get: {
            parameters: {
                query?: {
                    /** @description Not before this time: RFC 3339, `now-15m`, or a number since 1970. */
                    from?: string;
                    /** @description Bars of the histogram at most; 0 for none. */
                    histogram?: number;
                    /** @description Rows at most. */
                    limit?: number;
                    /** @description The search, such as `timeout service:api | count by host`. */
                    query?: string;
                    /** @description `logs`, `spans` or `metrics`. */
                    table?: string;
                    /** @description Before this time. */
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Lines of JSON */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/x-ndjson": unknown;
                    };
                };
            };
        };
        put?: never;
        /** Searches. Each line of the answer has one of `columns`, `row`, `histogram`, `error` or `done`. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Not before this time: RFC 3339, `now-15m`, or a number since 1970. */
                        from?: string;
                        /** @description Bars of the histogram at most; 0 for none. */
                        histogram?: number;
                        /** @description Rows at most. */
                        limit?: number;
                        /** @description The search, such as `timeout service:api | count by host`. */
                        query?: string;
                        /** @description `logs`, `spans` or `metrics`. */
                        table?: string;
                        /** @description Before this time. */
                        to?: string;
                    };
                };
            };
            responses: {
                /** @description Lines of JSON */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/x-ndjson": unknown;
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The settings in use: those that are listed here, and never a secret. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Settings by name */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sql": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs SQL. */
        get: {
            parameters: {
                query: {
                    /** @description `json`, `csv` or `arrow`; else by the `Accept` header; else JSON. */
                    format?: string;
                    /** @description Rows at most. */
                    limit?: number;
                    /** @description One SELECT over `logs`, `spans` and `metrics`. */
                    sql: string;
                    /** @description Seconds it may take at most; never more than the server's own limit. */
                    timeout?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Columns and rows, in the chosen format */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** Runs SQL. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description `json`, `csv` or `arrow`; else by the `Accept` header; else JSON. */
                        format?: string;
                        /** @description Rows at most. */
                        limit?: number;
                        /** @description One SELECT over `logs`, `spans` and `metrics`. */
                        sql: string;
                        /**
                         * Format: int64
                         * @description Seconds it may take at most; never more than the server's own limit.
                         */
                        timeout?: number;
                    };
                };
            };
            responses: {
                /** @description Columns and rows, in the chosen format */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The server in numbers. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Version, uptime, store, ingest and queries */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/streams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Bytes, rows, last receipt and last question of each dataset, service and source. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Streams, the largest first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is suppressed, with what it hid so far. */
        get: {
            parameters: {
                query?: {
                    /** @description Goes on after a page: its `next`. */
                    after?: string;
                    /** @description About this: `host:web-1`. */
                    entity?: string;
                    /** @description Raised since. */
                    from?: string;
                    /** @description In this incident. */
                    incident?: number;
                    /** @description At least so bad: `informational`, `low`, `medium`, `high`, `critical`. */
                    level?: string;
                    /** @description Rows at most [default: 100]. */
                    limit?: number;
                    /** @description What comes first: `opened`, `last`, `level` [default: opened]. */
                    order?: string;
                    /** @description Of this rule. */
                    rule?: string;
                    /** @description `open`, `acknowledged`, `snoozed`, `resolved`, separated by commas [default: all but resolved]. */
                    state?: string;
                    /** @description Of these teams, separated by commas. */
                    team?: string;
                    /** @description With this in the title. */
                    text?: string;
                    /** @description Raised before. */
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page; `firings` is what each hid, `until` its end */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** Keeps alerts from being raised, until a day. They are counted. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Suppressing"];
                };
            };
            responses: {
                /** @description The suppression */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What is missing */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/suspects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes that may be to blame, the likeliest first, each with its reasons. */
        get: {
            parameters: {
                query: {
                    /** @description When; now when absent. */
                    at?: string;
                    /** @description What broke: `service:checkout`. */
                    entity: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Suspect changes */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follows what is committed from now on. Events are `row`, and `dropped` with the number of rows this listener was
         *     too slow for.
         */
        get: {
            parameters: {
                query?: {
                    /** @description The search; without pipes. */
                    query?: string;
                    /** @description `logs`, `spans` or `metrics`. */
                    table?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Events */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": unknown;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Action items of all incidents. */
        get: {
            parameters: {
                query?: {
                    /** @description Goes on after a page: its `next`. */
                    after?: string;
                    /** @description About this: `host:web-1`. */
                    entity?: string;
                    /** @description Raised since. */
                    from?: string;
                    /** @description In this incident. */
                    incident?: number;
                    /** @description At least so bad: `informational`, `low`, `medium`, `high`, `critical`. */
                    level?: string;
                    /** @description Rows at most [default: 100]. */
                    limit?: number;
                    /** @description What comes first: `opened`, `last`, `level` [default: opened]. */
                    order?: string;
                    /** @description Of this rule. */
                    rule?: string;
                    /** @description `open`, `acknowledged`, `snoozed`, `resolved`, separated by commas [default: all but resolved]. */
                    state?: string;
                    /** @description Of these teams, separated by commas. */
                    team?: string;
                    /** @description With this in the title. */
                    text?: string;
                    /** @description Raised before. */
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page, counts over all pages, and where the next one goes on */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tokens that the caller could have made. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Tokens, without their secrets */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** Makes a token. It is answered once. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["TokenParameters"];
                };
            };
            responses: {
                /** @description The token */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Rights that are not yours to give */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a token back. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Whether it was good until now */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/traces/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A trace: spans and logs in the order of time. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 32 hex digits */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Spans and logs */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description No such trace */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/upgrades/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an upgrade touches, whose it is, what else happens then, who objects; and, once it began, errors before and after. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The file's stem */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The upgrade */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description No such upgrade */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/upgrades/{id}/objections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Objects to an upgrade. Nobody has to sign one; who is affected says so in its window. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The file's stem */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Objecting"];
                };
            };
            responses: {
                /** @description The objection */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All users. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Users and their grants */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        /** Makes a user. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["UserParameters"];
                };
            };
            responses: {
                /** @description Its id, and its password when it was generated */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps a user out, or lets it in again. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["DisableParameters"];
                };
            };
            responses: {
                /** @description Done; its sessions ended */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}/grant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Grants a user a role in a team, in place of the one it had there. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["GrantParameters"];
                };
            };
            responses: {
                /** @description Granted */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not yours to give */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets a user's password, and ends its sessions. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PasswordParameters"];
                };
            };
            responses: {
                /** @description The password when it was generated */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a user's role in a team back. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RevokeParameters"];
                };
            };
            responses: {
                /** @description Whether there was one */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why something matters: where it runs, who owns it, how it came in, since which change, and what mends it. */
        get: {
            parameters: {
                query: {
                    /** @description When it was so; now when absent. */
                    at?: string;
                    /** @description A finding by its id; or a rule, an advisory, an alias of it, or a component by its package URL. */
                    id: string;
                    /** @description As it was known then; as it is known now when absent. */
                    known?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Each finding of that name with all that is known of it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes alerts as an Alertmanager does; those that are over are resolved. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description Alerts with `labels`, `annotations`, `startsAt`, `endsAt`, as Prometheus sends them */
            requestBody: {
                content: {
                    "application/json": unknown;
                };
            };
            responses: {
                /** @description What became of them */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process lives. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It does */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All numbers. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Prometheus text */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain; version=0.0.4": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether requests are taken. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description They are */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description The server starts or stops */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What is done, and to what. */
        Acting: {
            /** @description `acknowledge`, `reopen`, `snooze`, `resolve`, `assign`, `hand_over`, `comment`, `tag`, `join`. */
            do: string;
            /** @description Alerts, incidents, tasks, suppressions. */
            ids: number[];
            /**
             * Format: int64
             * @description `join`: the incident; without it, none any more.
             */
            incident?: number | null;
            /** @description The caller's own id of the act: told twice it is one. */
            key?: string | null;
            /** @description `resolve`: `true`, `benign`, `false`; `done` of a task, and of a suppression that ends early. */
            outcome?: string | null;
            /** @description Why. */
            reason?: string;
            /** @description `assign`: `me`, `nobody`, or a log-in; `hand_over`: a team; `tag`: the tag. */
            to?: string | null;
            /** @description `snooze`: until when. */
            until?: string | null;
        };
        /** @description How a control shall speak for a while. */
        Adjusting: {
            /** @description The control. */
            control: string;
            /** @description To this alone. */
            entity?: string | null;
            /** @description In this environment alone. */
            environment?: string | null;
            /** @description `observe`, `warn`, `enforce`. */
            mode: string;
            /** @description Why. */
            reason: string;
            /** @description Until when; 30 days when absent, 90 at most. */
            until?: string | null;
        };
        /** @description What is said to a control. */
        Answering: {
            /** @description The control; that of the decision when absent. */
            control?: string | null;
            /** @description What it hurt or helped; what the decision is about when absent. */
            entity?: string | null;
            /** @description Where. */
            environment?: string | null;
            /** @description Findings and other facts that it rests on. */
            facts?: number[];
            /** @description The caller's own id: told twice it is one. */
            idempotency_key?: string | null;
            /** @description `terminal`, `page`, `comment`, `webhook` [default: page]. */
            place?: string | null;
            /** @description `helped`, `hurt`, `question`, `exception`. */
            say: string;
            /** @description Because ...; what is asked. */
            text?: string;
            /**
             * Format: int64
             * @description The decision that is answered: a verdict, an alert, a suppression, a lockdown.
             */
            to?: number | null;
            /** @description Until when an exception is asked for. */
            until?: string | null;
        };
        /** @description What to run, and over which time. */
        Backtesting: {
            /** @description From when [default: seven days ago]. */
            from?: string | null;
            /** @description A rule of this server: its id, name, or the name of its file. */
            rule?: string | null;
            /** @description Or the text of rules. */
            text?: string | null;
            /** @description Until when [default: now]. */
            to?: string | null;
        };
        /** @description Where to. */
        BackupParameters: {
            /** @description Absolute path of an empty or new folder on the server's machine. */
            target: string;
        };
        /** @description A change that somebody tells. */
        ChangeParameters: {
            /** @description When; now when absent. */
            at?: string | null;
            /** @description Everything else. */
            attributes?: Record<string, never>;
            /** @description Who may see it. */
            dataset?: string | null;
            /** @description What was altered: `service:checkout`. */
            entity: string;
            /** @description Where it took effect, such as `production`. */
            environment?: string | null;
            /** @description The teller's own id: the same change told twice is one. Made from the rest when absent. */
            key?: string | null;
            /** @description `deployment`, `release`, `config`, `flag`, `infrastructure`, `incident`, ... */
            kind: string;
            /** @description The version that came. */
            version?: string | null;
        };
        /** @description Questions, and how the answer is written. */
        Checking: {
            /** @description Answers, and keeps nothing. */
            dry_run?: boolean;
            /** @description One or more questions: `question` (`release`, `scale`), `service`, `environment`, `version`, `from`, `to`, `defence`. */
            questions: Record<string, never>[];
        };
        /** @description Whether a user is kept out. */
        DisableParameters: {
            /** @description Whether. */
            disabled: boolean;
        };
        /** @description What is said when something goes on or ends. */
        Ending: {
            /** @description Why; its own reason when absent. To end it early, it must be said. */
            reason?: string | null;
            /** @description Until when; as long as before when absent. */
            until?: string | null;
        };
        /** @description An exception: from which control, for what, why and until when. */
        Excepting: {
            /** @description The control. */
            control: string;
            /** @description For this alone: `service:checkout`. */
            entity?: string | null;
            /** @description In this environment alone. */
            environment?: string | null;
            /** @description The caller's own id: told twice it is one. */
            idempotency_key?: string | null;
            /** @description The team that answers for it; the thing's owner when absent, else the control's. */
            owner?: string | null;
            /** @description Why. */
            reason: string;
            /** @description When it ends; after 30 days when absent, after 90 at most. */
            until?: string | null;
        };
        /** @description Whom to forget. */
        ForgetParameters: {
            /** @description The name, as the trail shows it. */
            name: string;
        };
        /** @description A right to give. */
        GrantParameters: {
            /** @description The datasets; `*` is all of them. */
            datasets: string[];
            /** @description `viewer`, `responder`, `editor` or `admin`. */
            role: string;
            /** @description The team; `*` is all of them. */
            team: string;
        };
        /** @description A hand-over. */
        HandOver: {
            /** @description From when on; now when absent. */
            at?: string | null;
            /** @description Who may see it. */
            dataset?: string | null;
            /** @description What is handed over: `service:checkout`. */
            entity: string;
            /** @description The caller's own id: told twice, it is one hand-over. Made from the rest when absent, with the time. */
            key?: string | null;
            /** @description Which layer of it; the whole when absent. */
            layer?: string;
            /** @description To which team. */
            owner: string;
            /** @description Why. */
            reason: string;
        };
        /** @description A meeting that was held. */
        Held: {
            /** @description On which day; today when absent. */
            day?: string | null;
            /** @description What was said, as Markdown. It names systems rather than persons. */
            notes?: string;
            /** @description The teams. */
            teams: string[];
        };
        /** @description A page that helped. */
        Helping: {
            /**
             * Format: int64
             * @description The alert that it helped with.
             */
            alert?: number | null;
            /** @description Its id. */
            page: string;
            /** @description The rule of the alert; that of `alert` when absent. */
            rule?: string | null;
        };
        /** @description What is locked down. */
        Locking: {
            /**
             * Format: int64
             * @description An incident or alert behind it.
             */
            because_of?: number | null;
            /** @description The controls that shall stop at once. */
            controls: string[];
            /** @description The caller's own id: told twice it is one. */
            idempotency_key?: string | null;
            /** @description Why: whoever is stopped reads that. */
            reason: string;
            /** @description When it is reviewed; a week after its end when absent. */
            review_at?: string | null;
            /** @description When it ends. */
            until: string;
        };
        /** @description A log-in by password. */
        LogIn: {
            /** @description The log-in. */
            login: string;
            /** @description The password. */
            password: string;
        };
        /** @description Who looks at what, and why somebody must know. */
        Naming: {
            /**
             * Format: int64
             * @description An alert, an incident or a task.
             */
            id: number;
            /** @description Why the name is shown. It is kept in the audit trail. */
            reason: string;
        };
        /** @description Nothing; an object all the same, so that pages of other sites cannot post it. */
        Nothing: Record<string, never>;
        /** @description Why somebody objects. */
        Objecting: {
            /** @description Why. */
            reason: string;
            /** @description The team that objects. */
            team: string;
        };
        /** @description An incident that people open. */
        Opening: {
            /** @description Alerts that belong to it. */
            alerts?: number[];
            /** @description `security` or `operations` [default: operations]. */
            aspect?: string | null;
            /** @description Who may see it; that of its alerts when it has some. */
            dataset?: string | null;
            /** @description What it is about. */
            entity?: string | null;
            /** @description The caller's own id: told twice it is one. */
            key?: string | null;
            /** @description `informational` to `critical` [default: high]. */
            level?: string | null;
            /** @description Why. */
            reason: string;
            /** @description The team that leads. */
            team?: string | null;
            /** @description One line. */
            title: string;
        };
        /** @description Another password for oneself. */
        OwnPassword: {
            /** @description The one from now on. */
            new: string;
            /** @description The one until now. */
            old: string;
        };
        /** @description Another password. */
        PasswordParameters: {
            /** @description The password; one is generated and answered when absent. */
            password?: string | null;
        };
        /** @description What a playbook would do, or does. */
        Playing: {
            /** @description Its name. */
            name: string;
            /** @description Why. */
            reason?: string;
            /** @description `dry` (when absent): say what it would do; `run`: that is the approval; `undo`. */
            run?: string | null;
        };
        /** @description What an owner replies. */
        Replying: {
            /** @description `answered`, `relaxed`, `tightened`, `excepted`, `refused`, `false` (the check was wrong). */
            did: string;
            /** @description How the control speaks then: `observe`, `warn`, `enforce`; a step softer or harder when absent. */
            mode?: string | null;
            /** @description The owner's words. */
            reason: string;
            /**
             * Format: int64
             * @description The answer or question.
             */
            to: number;
            /** @description Until when it is relaxed, tightened or excepted. */
            until?: string | null;
        };
        /** @description Which notices. */
        Retrying: {
            /** @description Their ids. */
            ids: number[];
        };
        /** @description What becomes of a control after a lockdown. */
        Reviewing: {
            /** @description The control. */
            control: string;
            /** @description `kept`, `relaxed`, `removed`. */
            outcome: string;
            /** @description Why. */
            reason: string;
        };
        /** @description A right to take back. */
        RevokeParameters: {
            /** @description The team; `*` is the role in all of them. */
            team: string;
        };
        /** @description How a drill is run. */
        Running: {
            /** @description `tabletop` (questions, and nothing is looked at) or `probes`. */
            mode: string;
            /** @description The team that answers for it, where the file does not say it. */
            owner?: string | null;
            /** @description What it is about, where the file does not say it: `service:checkout`. */
            service?: string | null;
        };
        /** @description What is said of a step. */
        Saying: {
            /**
             * @description What came of it, or the answer at the table. It names systems rather than persons.
             * @default
             */
            said: string;
        };
        /** @description A suppression. What it names must all fit; `*` stands for anything. */
        Suppressing: {
            /** @description Also what other teams own, or nobody; for those who act for all teams, and then when absent. */
            all_teams?: boolean | null;
            /**
             * Format: int64
             * @description The control that it follows; one is made when absent.
             */
            control?: number | null;
            /** @description Of which dataset. */
            dataset?: string | null;
            /** @description Alerts about this, such as `host:web-*`. */
            entity?: string | null;
            /** @description The caller's own id: told twice it is one. */
            idempotency_key?: string | null;
            /** @description Alerts whose events were grouped by these names and values. */
            key?: {
                [key: string]: unknown;
            };
            /** @description The team that answers for it. */
            owner: string;
            /** @description Why. */
            reason: string;
            /** @description Alerts of this rule, by id or title. */
            rule?: string | null;
            /** @description Alerts with this tag. */
            tag?: string | null;
            /** @description When it ends; 90 days from now when absent, and at most. */
            until?: string | null;
        };
        /** @description Something to do. */
        Tasking: {
            /** @description Until when. */
            due?: string | null;
            /** @description The caller's own id: told twice it is one. */
            key?: string | null;
            /** @description The team that does it; that of the incident when absent. */
            team?: string | null;
            /** @description What. */
            title: string;
        };
        /** @description A token to make. */
        TokenParameters: {
            /** @description What its events are stamped with, when it sends. */
            dataset?: string | null;
            /** @description Until when; 90 days, or for one that sends without end, when absent. */
            expires?: string | null;
            /** @description What it may do, when it asks. */
            grants?: components["schemas"]["GrantParameters"][];
            /** @description `api` asks and acts, `ingest` sends. */
            kind: string;
            /** @description Its label; no person's name. */
            name: string;
        };
        /** @description A user to make. */
        UserParameters: {
            /** @description What it may do. */
            grants?: components["schemas"]["GrantParameters"][];
            /** @description The log-in. */
            login: string;
            /** @description The password; one is generated and answered when absent. */
            password?: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
