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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The adjustment */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AdjustmentMade"];
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
                    /** @description How long an API server waits, as it says with each request. A verdict takes some milliseconds. */
                    timeout?: string;
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description AdmissionReview with the response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AdmissionReview"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Sections of lines, each with the facts behind it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Agenda"];
                        "text/calendar": string;
                        "text/html": string;
                        "text/markdown": string;
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Agents, and the policy */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Agents"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A page, counts over all pages, and where the next one goes on */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["QueuePage"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The alert */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AlertWhole"];
                    };
                };
                /** @description There is none that may be seen */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What it does, step by step */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Played"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description How many */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Acted"];
                    };
                };
                /** @description One of them is another team's */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Answers and questions */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Answers"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The answer, and who hears of it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AnswerKept"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Entries in their order */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AuditTrail"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description How many there are, and what is wrong */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AuditVerified"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What was copied */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackedUp"];
                    };
                };
                /** @description Without the control key */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description iCalendar */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/calendar": string;
                    };
                };
                /** @description No such link */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Whether it was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FactsKept"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A verdict for each question, with its decision */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Verdicts"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Machines and the offsets of their clocks */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Clocks"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Proposals */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Proposals"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Proposals */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Proposals"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Controls; each says why it speaks as it does */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Controls"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The control */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ControlWhole"];
                    };
                };
                /** @description No such control */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
    "/api/v1/dashboards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Dashboards with their owners, whether they are approved, and how often they were looked at. What nobody looked at for
         *     thirty days is proposed for deletion.
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Dashboards by name */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DashboardList"];
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
    "/api/v1/dashboards/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is on a dashboard. Looking at it is counted, and by whom is not kept. */
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The dashboard */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Dashboard"];
                    };
                };
                /** @description There is none of that name */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Its id */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DecisionKept"];
                    };
                };
                /** @description What is missing */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Numbers since the start; those over all datasets for who may see them */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Detection"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Measures */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Dora"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The run */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DrillRun"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The run */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DrillRun"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The evidence, and each time beside what was expected */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DrillEnded"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The run */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DrillRun"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Drills, and files that cannot be used */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DrillList"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The drill */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DrillWhole"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The run, under the id of the decision that it began */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DrillRun"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ChangesKept"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What is in force, and what ends soon or ended of late */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Exceptions"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The exception */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ExceptionMade"];
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
    "/api/v1/exceptions/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends an exception, an adjustment or the suppression of findings before its time. */
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
                    "application/json": components["schemas"]["GoingOn"];
                };
            };
            responses: {
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description It has ended */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["EndedEarly"];
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
    "/api/v1/exceptions/{id}/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Renews an exception, an adjustment or suppressed findings, with one key: as it is, for as long as before, 90 days at most. */
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
                    "application/json": components["schemas"]["GoingOn"];
                };
            };
            responses: {
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The renewal */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Renewed"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Owner, end, and what the control is for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ExceptionForm"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Values with counts, the most frequent first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Facets"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Values with counts, the most frequent first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Facets"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FactsKept"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Columns, attributes and resource attributes */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Fields"];
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
                    /** @description Those that come after: what `next` of an answer said. With that answer's `at` the list stays as it was. */
                    after?: string;
                    /** @description When it was so; now when absent. */
                    at?: string;
                    /** @description Those of a side branch. */
                    branch?: string;
                    /** @description Of this: `repository:github.com/acme/shop`. */
                    entity?: string;
                    /** @description As it was known then; as it is known now when absent. */
                    known?: string;
                    /** @description Findings at most [default: 100; 1,000 at most]. */
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Findings, how many there are, and how many are hidden */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Findings"];
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
    "/api/v1/findings/suppress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suppresses findings until a day: they are left out of lists, counts and checks, and named where they would have counted.
         *     It takes a responder of each team that must act on them, and of the one that answers for it.
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
                    "application/json": components["schemas"]["SuppressingFindings"];
                };
            };
            responses: {
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The decisions, and their end */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FindingsSuppressed"];
                    };
                };
                /** @description There is no such finding */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Everything is in files */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Flushed"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description It is gone, and the trail still verifies */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Forgotten"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A row for each control and system, and proposals */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Friction"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Each list with how many there are in all */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Home"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ChangesKept"];
                    };
                };
                /** @description Not signed, or wrongly */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A delivery that came before */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What was new, and notes */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Imported"];
                    };
                };
                /** @description File, line and reason */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What is new, back and fixed, for each tool and category */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SarifKept"];
                    };
                };
                /** @description File, line and reason; nothing was kept */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A page, counts over all pages, and where the next one goes on */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["QueuePage"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Its id */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Opened"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The incident */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["IncidentWhole"];
                    };
                };
                /** @description There is none that may be seen */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Markdown */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/markdown": string;
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Its id */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Added"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What was new */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FactsTaken"];
                    };
                };
                /** @description A source that needs a role */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What was kept and what was refused */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LinesKept"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What is new, back and fixed */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ScanKept"];
                    };
                };
                /** @description No ingest token */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Rows, how many, and what they were computed from */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["InventoryReport"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The decision */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HelpKept"];
                    };
                };
                /** @description No such page */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Lists, each with its length */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["KnowledgeState"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageWhole"];
                    };
                };
                /** @description No such page */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Pages without their texts; `next` where the list goes on */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["KnowledgePages"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What was found, the best first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["KnowledgeHits"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Levers, the best first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Levers"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The lever with as many rows as its number says */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LeverOpened"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description How many numbers were kept */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LeversMeasured"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The lockdown */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LockdownCalled"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What still waits */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LockdownReviewed"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Who you are, and the token for requests that change something */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Principal"];
                    };
                };
                /** @description Not this password, or nobody by that name */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Too often */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description You are out */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LoggedOut"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Name, kind, grants */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Principal"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Log in again with it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PasswordChanged"];
                    };
                };
                /** @description Not the old password */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The meeting */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MeetingKept"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Series of points */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MetricRange"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Series of points */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MetricRange"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The name, none when nobody looks at it or the name was erased */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NameShown"];
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
    "/api/v1/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Notices that were given up, and those that no channel took yet and that are tried again. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Notices that no channel took, with what went wrong */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DeadNotices"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description How many */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Retried"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
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
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
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
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Owners by layer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Owners"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The decision */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DecisionKept"];
                    };
                };
                /** @description It belongs to another team */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Owners before and after, intervals and hand-overs */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["OwnersBetween"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Parts, rounds, circles and gaps */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RecoveryPlan"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The reply, and what it made */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ReplyKept"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Things, the riskiest first, by the 1,000 alerts that fired last */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Risks"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Initiatives and upgrades */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Roadmap"];
                        "text/calendar": string;
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Method, path, need */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Routes"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Rules, correlations and operational rules; and what was refused, with its place */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Rules"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description How often, when, about what, and the first alerts */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Hunted"];
                    };
                };
                /** @description The rule is refused, or the time is too long */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A row for each rule and team, the noisiest first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RulesLedger"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What was loaded, refused with its place, and what is new, gone or another */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RulesReloaded"];
                    };
                };
                /** @description They cannot be read at all; those in force stay */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What is new, back and fixed */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ScanKept"];
                    };
                };
                /** @description What is wrong; nothing was kept */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Lines of JSON */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/x-ndjson": components["schemas"]["SearchLine"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Lines of JSON */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/x-ndjson": components["schemas"]["SearchLine"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Settings by name */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Settings"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Columns and rows, in the chosen format */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SqlAnswer"];
                        "application/vnd.apache.arrow.stream": number[];
                        "text/csv": string;
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Columns and rows, in the chosen format */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SqlAnswer"];
                        "application/vnd.apache.arrow.stream": number[];
                        "text/csv": string;
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Version, uptime, store, ingest and queries */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Status"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Streams, the largest first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Streams"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A page; `firings` is what each hid, `until` its end */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["QueuePage"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The suppression */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SuppressionMade"];
                    };
                };
                /** @description What is missing */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Suspect changes */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Suspects"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Events */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": components["schemas"]["TailEvent"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A page, counts over all pages, and where the next one goes on */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["QueuePage"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Tokens, without their secrets */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Tokens"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The token */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TokenMade"];
                    };
                };
                /** @description Rights that are not yours to give */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Whether it was good until now */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Revoked"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Spans and logs */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Trace"];
                    };
                };
                /** @description No such trace */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The upgrade */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UpgradeWhole"];
                    };
                };
                /** @description No such upgrade */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The objection */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ObjectionKept"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Users and their grants */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Users"];
                    };
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Its id, and its password when it was generated */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UserMade"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Done; its sessions ended */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UserDisabled"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Granted */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Granted"];
                    };
                };
                /** @description Not yours to give */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The password when it was generated */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PasswordSet"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Whether there was one */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Revoked"];
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
                /** @description What is wrong with the request */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description What the server cannot do now */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Each finding of that name with all that is known of it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WhyAnswer"];
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
                    content: {
                        "application/json": components["schemas"]["AlertsTaken"];
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
        /** @description How many were acted on. */
        Acted: {
            acted: number;
            /**
             * Format: int64
             * @description Those among them that had been told before, by the same key.
             */
            repeated: number;
        };
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
        /** @description The task that was added. */
        Added: {
            /** Format: int64 */
            task: number;
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
        /** @description How a control speaks otherwise than its file says, until a day. */
        Adjustment: {
            /** @description How to answer it at a command line. */
            answer_with?: string;
            /** @description Since when. */
            at: string;
            /** @description The control, by name. */
            control: string;
            /**
             * Format: int64
             * @description The decision, by id.
             */
            decision: number;
            /** @description To this thing alone; to all when absent. */
            entity: string | null;
            /** @description In this environment alone; in all when absent. */
            environment: string | null;
            /** @description How it speaks. */
            mode: components["schemas"]["ControlMode"];
            /** @description Who answers for it. */
            owner: string;
            /** @description Why. */
            reason: string;
            /** @description Until when. */
            until: string;
        };
        /** @description The adjustment that was made. */
        AdjustmentMade: {
            /** Format: int64 */
            adjustment: number;
            until: string;
        };
        /** @description AdmissionReview of admission.k8s.io/v1. */
        AdmissionReview: {
            [key: string]: unknown;
        };
        /**
         * @description What is proposed about a rule.
         * @enum {string}
         */
        Advice: "tune" | "retire";
        /** @description What a control stands against: findings and alerts of its rules. */
        AgainstWhat: {
            /**
             * Format: int64
             * @description Alerts that were not false.
             */
            alerts: number;
            /** @description Findings that a verdict named as a reason for "not yet" and that were fixed afterwards, by severity. */
            caught: {
                [key: string]: number;
            };
            /** @description Findings were too many to be looked at: the numbers of findings are missing. */
            findings_missing: boolean;
            /** @description Findings that were fixed in the time, by severity. */
            fixed: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Incidents that have such alerts.
             */
            incidents: number;
            /** @description Findings that are open at the end of the time, by severity. */
            open: {
                [key: string]: number;
            };
        };
        /** @description An agenda. */
        Agenda: {
            /** @description On which day. */
            day: string;
            /** @description The last meeting that was held. */
            held: string | null;
            /** @description Who meets, and how often. */
            meeting: components["schemas"]["Meeting"];
            /** @description Days on which a meeting was due, and none was held. */
            missed: string[];
            /** @description The day of the next one. */
            next: string;
            /** @description What was noted in the last one. */
            notes: string | null;
            /** @description What there is to speak about, in the order in which it is spoken of. */
            sections: components["schemas"]["AgendaSection"][];
            /** @description From when on what happened counts. */
            since: string;
        };
        /** @description A line of an agenda. */
        AgendaItem: {
            /** @description When it was, or will be. */
            at: string | null;
            /** @description The facts and decisions behind it, by their ids. */
            ids: number[];
            /** @description The next step. */
            next: string | null;
            /** @description The team that has the next step; nobody in particular when absent. */
            team: string | null;
            /** @description What there is to say. */
            text: string;
        };
        /** @description What belongs together. */
        AgendaSection: {
            /** @description Its lines. */
            items: components["schemas"]["AgendaItem"][];
            /** @description How many more there are than are shown. */
            more: number;
            /** @description Its name, the same in every agenda. */
            name: string;
            /** @description As people read it. */
            title: string;
        };
        /** @description A machine that reports for itself. */
        Agent: {
            dataset: string;
            environment: string | null;
            host: string;
            last_seen: string;
            os: string | null;
            owner: string | null;
            reboot_required: boolean | null;
            /** @description Whether it still does. */
            reporting: boolean;
            /** @description What could not be read, as the agent says it. */
            unreadable: unknown;
        };
        /** @description Agents, and what they do. */
        Agents: {
            agents: components["schemas"]["Agent"][];
            count: number;
            /** @description What all of them look at. */
            policy: {
                [key: string]: unknown;
            };
            /** @description How many still report. */
            reporting: number;
        };
        /** @description That something will restrict a team. Told once: its key says which. */
        Ahead: {
            /** @description From when on. */
            day: string;
            /** @description Why, for operations. */
            for_operations: string;
            /** @description Why, for security. */
            for_security: string;
            /** @description What tells it from others. */
            key: string;
            /** @description Who answers for it. */
            owner: string;
            /** @description The team. */
            team: string;
            /** @description What comes. */
            title: string;
        };
        /** @description A weakness beside an alert. */
        AlertFinding: {
            entity: string;
            /** Format: int64 */
            id: number;
            rule: string;
            severity: string;
            title: string;
        };
        /** @description How long alerts take. */
        AlertLatency: {
            /** Format: int64 */
            count: number;
            /** Format: double */
            p50_below_seconds: number | null;
            /** Format: double */
            p99_below_seconds: number | null;
            /** Format: double */
            sum_seconds: number;
        };
        /** @description A playbook that fits. */
        AlertPlaybook: {
            /**
             * Format: int32
             * @description Minutes that it saves.
             */
            minutes: number;
            name: string;
        };
        /** @description What became of alerts. */
        AlertsTaken: {
            /**
             * Format: int64
             * @description Resolved, since they are over.
             */
            ended: number;
            /**
             * Format: int64
             * @description Kept from being raised.
             */
            hidden: number;
            /** @description What was left out, and why. */
            notes: string[];
            /** Format: int64 */
            raised: number;
            /**
             * Format: int64
             * @description Told before.
             */
            repeated: number;
            /**
             * Format: int64
             * @description Counted on one that was there.
             */
            rolled: number;
        };
        /** @description An alert with everything that belongs to it. */
        AlertWhole: components["schemas"]["QueueWhole"] & {
            /** @description Playbooks that may be run. */
            playbooks: components["schemas"]["AlertPlaybook"][];
            /** @description Pages that say what to do, the best first. */
            runbooks: components["schemas"]["RunbookBeside"][];
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
        /** @description The answer that was kept. */
        AnswerKept: {
            /** Format: int64 */
            answer: number;
            /** @description The team that hears of it. */
            heard_by: string | null;
        };
        /** @description What was said to controls. */
        Answers: {
            count: number;
            rows: components["schemas"]["Asking"][];
        };
        /** @description Something that was said to a control, with its replies. */
        Asking: {
            /** @description What it is about. */
            about: string | null;
            /** @description When it was said. */
            at: string;
            /** @description What it rests on. */
            cites: number[];
            /** @description The control, by name; none of one that was made for a single suppression. */
            control: string | null;
            /** @description Who may see it. */
            dataset: string;
            /** @description Where. */
            environment: string | null;
            /**
             * Format: int64
             * @description Its id.
             */
            id: number;
            /** @description `answer`, or `question` of an alert. */
            kind: string;
            /** @description Who answers for the control. */
            owner: string;
            /** @description Replies, the oldest first. */
            replies: components["schemas"]["Reply"][];
            /** @description What was said. */
            say: components["schemas"]["Say"];
            /** @description In which words. */
            text: string;
            /** @description The control in a sentence. */
            title: string;
            /** @description Until when an exception is asked for. */
            until: string | null;
            /** @description Somebody waits for a reply. */
            waits: boolean;
        };
        /**
         * @description Whose language a rule speaks. Both land in one queue.
         * @enum {string}
         */
        Aspect: "security" | "operations";
        /** @description An entry of the audit trail. */
        AuditEntry: {
            action: string;
            at: string;
            /** @description What belongs to the act. */
            detail: unknown;
            object: string;
            /** @description Who, when there is a reason to show it and it was not erased. */
            person: string | null;
            /**
             * Format: int64
             * @description Its place, from 0 on.
             */
            seq: number;
        };
        /** @description Entries of the audit trail. */
        AuditTrail: {
            entries: components["schemas"]["AuditEntry"][];
            /** @description Whether names are shown. */
            names: boolean;
        };
        /** @description What a verification found. */
        AuditVerified: {
            /**
             * Format: int64
             * @description Checkpoints looked at.
             */
            checkpoints: number;
            /**
             * Format: int64
             * @description Entries looked at.
             */
            entries: number;
            /** @description What is wrong; nothing when the trail is whole. */
            problems: string[];
            /** @description The root of all entries, in Base64. */
            root: string;
        };
        /** @description What was copied. */
        BackedUp: components["schemas"]["BackupReport"] & {
            /**
             * Format: int64
             * @description Rows of the ledger.
             */
            ledger_rows: number;
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
        /** @description What was backed up or restored. */
        BackupReport: {
            /**
             * Format: int64
             * @description Bytes copied.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Files copied.
             */
            files: number;
            /** @description Rows by table. */
            rows: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description The last commit in it.
             */
            sequence: number;
        };
        /** @description How many rows there are, by time. */
        Bars: {
            /** @description Start and rows of each bar. */
            bars: [
                string,
                number
            ][];
            /** @description Whether all files were counted. */
            complete: boolean;
            /**
             * Format: int64
             * @description Width of a bar in nanoseconds.
             */
            width_ns: number;
        };
        /** @description A decision that changed how a control speaks, until a day. */
        Because: {
            /** @description How to answer it at a command line. */
            answer_with?: string;
            /**
             * Format: int64
             * @description The decision, by id.
             */
            decision: number;
            /** @description `adjustment` or `lockdown`. */
            kind: string;
            /** @description Who answers for it. */
            owner: string;
            /** @description Why. */
            reason: string;
            /** @description Until when. */
            until: string;
        };
        /** @description The reason behind something, who answers for it, until when, and how to answer. */
        Carried: {
            /** @description Where to answer in a browser, below the server's address. */
            answer_at: string;
            /** @description How to answer at a command line. */
            answer_with: string;
            /** @description Where to ask. */
            ask: string;
            /** @description The control, by name; none of one that was made for a single suppression. */
            control: string | null;
            /** @description Who answers for it: a team. */
            owner: string;
            /** @description Why. */
            reason: string;
            /** @description The control in a sentence. */
            title: string;
            /** @description Until when; of what a check says, when its control is reviewed. */
            until: string | null;
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
        /** @description A change as it is cited. */
        ChangeRef: {
            /** @description When. */
            at: string;
            /** @description What was altered. */
            entity: string;
            /**
             * Format: int64
             * @description Its id.
             */
            id: number;
            /** @description `push`, `deployment`, ... */
            kind: string;
            /** @description The version that came. */
            version: string | null;
        };
        /** @description What became of what a source told. */
        ChangesKept: {
            /**
             * Format: int64
             * @description Changes that are new.
             */
            new: number;
            /** @description What was left out, and why. */
            notes: string[];
            /**
             * Format: int64
             * @description Changes that were known already.
             */
            repeated: number;
        };
        /**
         * @description What came of it.
         * @enum {string}
         */
        CheckAnswer: "ready" | "undecided" | "not_yet";
        /** @description Who asks what of which service. */
        CheckAsked: {
            /** @description Why it must pass whatever is said: capacity for defence is never held back, and is looked at afterwards. */
            defence?: string;
            /** @description Where to. */
            environment?: string;
            /**
             * Format: int64
             * @description How many there are.
             */
            from?: number;
            /** @description The question. */
            question: components["schemas"]["CheckQuestion"];
            /** @description The service, as the inventory names it. */
            service: string;
            /**
             * Format: int64
             * @description How many there shall be.
             */
            to?: number;
            /** @description What is released. */
            version?: string;
        };
        /** @description Questions, and how the answer is written. */
        Checking: {
            /** @description Answers, and keeps nothing. */
            dry_run?: boolean;
            /** @description One or more questions: `question` (`release`, `scale`), `service`, `environment`, `version`, `from`, `to`, `defence`. */
            questions: Record<string, never>[];
        };
        /**
         * @description What is asked.
         * @enum {string}
         */
        CheckQuestion: "release" | "scale";
        /** @description What one check says. */
        CheckReason: {
            /** @description [`Answer::NotYet`], or [`Answer::Undecided`] when a fact is missing or the policy failed. */
            answer: components["schemas"]["CheckAnswer"];
            /** @description How to answer it at a command line. */
            answer_with?: string;
            /** @description Whom or where to ask. */
            ask: string;
            because: components["schemas"]["Because"] | null;
            /** @description The check. */
            check: string;
            /** @description The control behind it, by name. */
            control: string;
            /**
             * Format: int64
             * @description The control's decision, by id.
             */
            control_id: number;
            /**
             * Format: int64
             * @description The exception that lets it pass, by its decision.
             */
            excepted: number | null;
            /** @description Until when it does. */
            excepted_until: string | null;
            /** @description Facts behind it, by their ids. */
            facts: number[];
            /** @description What to do. */
            fix: string;
            /** @description What the control is for, for operations. */
            for_operations: string;
            /** @description What it is for, for security. */
            for_security: string;
            /** @description How the control speaks. */
            mode: components["schemas"]["ControlMode"];
            /** @description Who answers for the control. */
            owner: string;
            /** @description When somebody asks whether the control is still needed. */
            review_by: string | null;
            /** @description What it says, with the facts in it. */
            text: string;
        };
        /** @description The whole answer. */
        CheckVerdict: {
            /** @description What comes of it, whatever the modes are. */
            answer: components["schemas"]["CheckAnswer"];
            /** @description What was asked. */
            asked: components["schemas"]["CheckAsked"];
            /** @description When. */
            at: string;
            /** @description Digest of checks, controls, exceptions and facts: the same inputs give the same verdict. */
            inputs: string;
            /** @description Checks that found nothing against it. */
            passed: string[];
            /** @description Whether it was let pass for defence, and would have stopped. */
            passed_for_defence: boolean;
            /** @description Why, the worst first; what was excepted is among them. */
            reasons: components["schemas"]["CheckReason"][];
            /** @description Whether it stops whoever asks. */
            stopped: boolean;
            /** @description Findings that it does not speak of since somebody suppressed them. */
            waived: components["schemas"]["CheckWaived"][];
        };
        /** @description A finding that somebody suppressed until a day: no check counts it. */
        CheckWaived: {
            /** @description How to answer it at a command line. */
            answer_with?: string;
            /**
             * Format: int64
             * @description The decision that suppresses it, by its id.
             */
            decision: number;
            /**
             * Format: int64
             * @description The finding, by its id.
             */
            finding: number;
            /** @description The team that answers for it. */
            owner: string;
            /** @description Why. */
            reason: string;
            /** @description How bad it is. */
            severity: string;
            /** @description It in a line. */
            title: string;
            /** @description Until when. */
            until: string;
        };
        /** @description A fact or an earlier decision that a decision rests on. */
        Cite: {
            /**
             * Format: int64
             * @description An event of the store, by its `event_id`.
             */
            event: number;
        } | {
            /**
             * Format: int64
             * @description A fact or decision of the ledger, by its id.
             */
            fact: number;
        };
        /** @description A copy of an event that an alert rests on. */
        CitedEvent: {
            /**
             * Format: int64
             * @description Its id; none when it never was in the store, as with files looked at without a server.
             */
            event_id: number | null;
            /** @description Its fields, as far as they fit. */
            fields: {
                [key: string]: unknown;
            };
            /** @description Its table, by name. */
            table: string;
            /**
             * Format: int64
             * @description Its time.
             */
            timestamp: number;
        };
        /** @description A clock that differs from the server's. */
        ClockRow: {
            dataset: string;
            host: string;
            /** Format: double */
            offset_seconds: number;
            since: string;
        };
        /** @description Clocks. */
        Clocks: {
            count: number;
            rows: components["schemas"]["ClockRow"][];
        };
        /** @description A column of an answer. */
        Column: {
            name: string;
            /** @description In SQL's words. */
            type: string;
        };
        /** @description A text that could stand in place of another. */
        Completion: {
            /** @description Where that ends. */
            end: number;
            /** @description `field`, `value`, `operator` or `pipe`. */
            kind: string;
            /** @description Where what it replaces begins, in bytes. */
            start: number;
            text: string;
        };
        /** @description What became of components. */
        ComponentsKept: {
            given: number;
            /** Format: int64 */
            new: number;
            /** @description What was left out, and why. */
            notes: string[];
        };
        /** @description A control as its file says it. */
        Control: {
            /**
             * @description Where to ask: a channel, an address; the owner when nothing is said.
             * @default null
             */
            ask: string | null;
            /**
             * @description Checks of the gate that it stands behind.
             * @default []
             */
            checks: string[];
            /**
             * @description From when on it holds; before, it observes at most.
             * @default null
             */
            effective: string | null;
            /**
             * @description How it speaks where nothing else was decided.
             * @default observe
             */
            mode: components["schemas"]["ControlMode"];
            /**
             * @description What it is called everywhere: the file's stem.
             * @default
             */
            name: string;
            /**
             * @description The team that answers for it.
             * @default
             */
            owner: string;
            /**
             * @description What it protects against.
             * @default {
             *       "operations": "",
             *       "security": ""
             *     }
             */
            protects: components["schemas"]["Protects"];
            /**
             * @description When somebody asks again whether it is needed.
             * @default null
             */
            review_by: string | null;
            /**
             * @description Rules of detection and scanning that it stands behind, by id; `*` stands for anything.
             * @default []
             */
            rules: string[];
            /**
             * @description Controls of standards, by catalog.
             * @default {}
             */
            standards: {
                [key: string]: string[];
            };
            /**
             * @description Teams that it affects; empty for all.
             * @default []
             */
            teams: string[];
            /**
             * @description The rest, as Markdown.
             * @default
             */
            text: string;
            /**
             * @description What could happen without it.
             * @default
             */
            threat: string;
            /**
             * @description It in a sentence.
             * @default
             */
            title: string;
        };
        /**
         * @description What is proposed.
         * @enum {string}
         */
        ControlAdvice: "tune" | "retire" | "tighten";
        /**
         * @description How a control speaks. Everything starts by observing.
         * @enum {string}
         */
        ControlMode: "observe" | "warn" | "enforce";
        /** @description A proposal for its owner. */
        ControlProposal: {
            /** @description The numbers, in a sentence. */
            because: string;
            /** @description The control, by name. */
            control: string;
            /** @description What. */
            what: components["schemas"]["ControlAdvice"];
        };
        /** @description All controls, and what changes how they speak. */
        Controls: {
            adjustments: components["schemas"]["Adjustment"][];
            at: string;
            controls: components["schemas"]["InForce"][];
            count: number;
            exceptions: components["schemas"]["Exception"][];
            lockdowns: components["schemas"]["Lockdown"][];
            /** @description Files of knowledge that cannot be used, and why. */
            problems: string[];
            /** @description Lockdowns that wait for a review. */
            reviews: components["schemas"]["OpenReview"][];
        };
        /** @description One control, and what it costs and stands against. */
        ControlWhole: {
            adjustments: components["schemas"]["Adjustment"][];
            answers: components["schemas"]["Asking"][];
            control: components["schemas"]["InForce"];
            exceptions: components["schemas"]["Exception"][];
            friction: components["schemas"]["FrictionRow"] | null;
            proposals: components["schemas"]["ControlProposal"][];
        };
        /** @description A dashboard as its file says it. */
        Dashboard: {
            /** @description What it is for. */
            about: string;
            /** @description The day it was approved; without one it is a draft. */
            approved: string | null;
            /** @description The file's stem. */
            name: string;
            /** @description The team that answers for it. */
            owner: string;
            /** @description What it shows, in order. */
            panels: components["schemas"]["Panel"][];
            /** @description The beginning of the range of time that it opens with. */
            range: string | null;
            /** @description It in a few words. */
            title: string;
            /** @description What can be chosen. */
            variables: components["schemas"]["Variable"][];
        };
        /** @description Dashboards, and how often each was looked at. */
        DashboardList: {
            /** @description How many there are. */
            count: number;
            /** @description By name. */
            rows: components["schemas"]["DashboardRow"][];
        };
        /** @description A dashboard in the list. */
        DashboardRow: {
            /** @description What it is for. */
            about: string;
            /** @description The day it was approved; without one it is a draft. */
            approved: string | null;
            /** @description Its name. */
            name: string;
            /** @description The team that answers for it. */
            owner: string;
            /** @description How many panels it has. */
            panels: number;
            /** @description It in a few words. */
            title: string;
            /** @description Nobody looked for thirty days: it is proposed for deletion. */
            unused: boolean;
            /** @description How often it was looked at. */
            views: components["schemas"]["DashboardViews"];
        };
        /** @description How often a dashboard was looked at. By whom is not kept. */
        DashboardViews: {
            /** @description The last time. */
            last: string | null;
            /**
             * Format: int64
             * @description In the last thirty days.
             */
            last_30_days: number;
        };
        /** @description A notice that no channel took. */
        DeadNotice: {
            /**
             * Format: int64
             * @description The alert or incident.
             */
            about: number | null;
            at: string;
            /** Format: int64 */
            attempts: number;
            /** @description What would have been sent. */
            body: string;
            channel: string;
            dataset: string;
            /** @description When it is tried again, or should have been. */
            due: string;
            /** @description What went wrong last. */
            error: string | null;
            /** Format: int64 */
            id: number;
        };
        /** @description Notices that no channel took. */
        DeadNotices: {
            /** @description Those that were given up. */
            rows: components["schemas"]["DeadNotice"][];
            /** @description Those that are tried again when they are due. */
            waiting: components["schemas"]["DeadNotice"][];
        };
        /** @description A decision that was kept. */
        DecisionKept: {
            /** Format: int64 */
            decision: number;
            /** @description It was told before. */
            repeated: boolean;
        };
        /** @description How detection is doing. */
        Detection: {
            /**
             * Format: int64
             * @description Commits that were not looked at yet.
             */
            behind: number;
            correlations: number;
            /** @description From the receipt of events to the alert that they raised. */
            latency: components["schemas"]["AlertLatency"];
            notices: components["schemas"]["NoticesSent"];
            operational: number;
            refused: number;
            rules: number;
            /** @description Bytes of the last state that was kept. */
            state_bytes: number;
            /** @description Over all datasets, so for those who may see all. */
            stats?: components["schemas"]["DetectionStats"];
            /**
             * Format: int64
             * @description The commit through which events were looked at.
             */
            through: number;
            /** @description What became of alerts; over all datasets, so for those who may see all. */
            told?: components["schemas"]["DetectionTold"];
        };
        /** @description What was done since the detector was made, and what is held. */
        DetectionStats: {
            /**
             * Format: int64
             * @description Lines that were no events.
             */
            bad_lines: number;
            /**
             * Format: int64
             * @description Rules that were evaluated, summed up.
             */
            candidates: number;
            /**
             * Format: int64
             * @description Events evaluated.
             */
            events: number;
            /**
             * Format: int64
             * @description Matches of rules.
             */
            matches: number;
            /**
             * Format: int64
             * @description Events that are in no class of log sources: only rules for any source saw them.
             */
            unrouted: number;
            /**
             * Format: int64
             * @description Matches of events without a time of their own, which were given that of their receipt.
             */
            untimed: number;
            /** @description What the windows did and hold. */
            windows: components["schemas"]["WindowStats"];
        };
        /** @description What became of alerts. */
        DetectionTold: {
            /**
             * Format: int64
             * @description Hidden by a suppression.
             */
            hidden: number;
            /**
             * Format: int64
             * @description New incidents.
             */
            incidents: number;
            /**
             * Format: int64
             * @description Notices.
             */
            notices: number;
            /**
             * Format: int64
             * @description Alerts that are new.
             */
            raised: number;
            /**
             * Format: int64
             * @description Told again.
             */
            repeated: number;
            /**
             * Format: int64
             * @description Counted on one that was there.
             */
            rolled: number;
        };
        /** @description Whether a user is kept out. */
        DisableParameters: {
            /** @description Whether. */
            disabled: boolean;
        };
        /** @description What came by one door since the start. */
        DoorCounts: {
            /** Format: int64 */
            bytes: number;
            /** Format: int64 */
            records: number;
            /** Format: int64 */
            rejected: number;
            /** Format: int64 */
            requests: number;
            /** @description The door. */
            source: string;
        };
        /** @description Measures by month, of services and of teams. */
        Dora: {
            from: string;
            services: {
                [key: string]: components["schemas"]["DoraMonth"][];
            };
            teams: {
                [key: string]: components["schemas"]["DoraMonth"][];
            };
            until: string;
        };
        /** @description One number, or why there is none. */
        DoraMeasure: {
            /** @description How many events it comes from. */
            count: number;
            /**
             * Format: int64
             * @description By what; of a percentile how many values there are.
             */
            denominator: number;
            earlier: components["schemas"]["Earlier"] | null;
            /** @description The events that it comes from, the least ids first, at most [`MAX_IDS`]. */
            ids: number[];
            /** @description Why there is no number. */
            missing: string | null;
            /**
             * Format: int64
             * @description What is divided; of a percentile the rank of the value that was taken.
             */
            numerator: number;
            /** @description `per day`, `share` or `seconds`. */
            unit: string;
            /**
             * Format: double
             * @description The number.
             */
            value: number | null;
        };
        /** @description The measures of one calendar month in UTC. */
        DoraMonth: {
            /** @description Share of deployments that failed in production. */
            change_fail_rate: components["schemas"]["DoraMeasure"];
            /**
             * Format: int32
             * @description Its days that are reported.
             */
            days: number;
            /** @description Successful deployments to production a day. */
            deployment_frequency: components["schemas"]["DoraMeasure"];
            /** @description Share of findings that were first seen in production. */
            escape_rate: components["schemas"]["DoraMeasure"];
            /** @description Seconds from the detection of a failed deployment to recovery, for half of them. */
            failed_deployment_recovery_time: components["schemas"]["DoraMeasure"];
            /** @description Seconds from the first sight of a finding to its end, for half of those that ended. */
            fix_time_p50: components["schemas"]["DoraMeasure"];
            /** @description The same, for nine of ten. */
            fix_time_p90: components["schemas"]["DoraMeasure"];
            /** @description Seconds from a commit to production, for half of the commits. */
            lead_time_p50: components["schemas"]["DoraMeasure"];
            /** @description The same, for nine of ten commits. */
            lead_time_p90: components["schemas"]["DoraMeasure"];
            /** @description `2026-11`. */
            month: string;
            /** @description Share of deployments that were unplanned fixes. */
            rework_rate: components["schemas"]["DoraMeasure"];
            /** @description Seconds from a commit to the first word of a security scanner on it, for half of those with one. */
            security_feedback_p50: components["schemas"]["DoraMeasure"];
            /** @description The same, for nine of ten. */
            security_feedback_p90: components["schemas"]["DoraMeasure"];
        };
        /** @description The evidence of a drill that ended. */
        DrillEnded: {
            acknowledged: components["schemas"]["DrillMark"] | null;
            detected: components["schemas"]["DrillMark"] | null;
            /**
             * Format: int64
             * @description The decision that keeps it.
             */
            evidence: number;
            /** @description Each time beside what was expected. */
            expected: components["schemas"]["DrillMet"][];
            facts: number[];
            injected: components["schemas"]["DrillMark"] | null;
            /** @description The times in words. */
            lines: string[];
            /** @description Why a time is missing. */
            missing: string[];
            phase: components["schemas"]["DrillPhase"];
            /** @description It in a sentence. */
            reason: string;
            recovered: components["schemas"]["DrillMark"] | null;
            /** Format: int64 */
            run: number;
        };
        /** @description What is expected, in seconds. */
        DrillExpected: {
            /** Format: double */
            acknowledge_within: number | null;
            /** Format: double */
            detect_within: number | null;
            /** Format: double */
            recover_within: number | null;
        };
        /** @description Drills. */
        DrillList: {
            count: number;
            /** @description Files of knowledge that cannot be used, and why. */
            problems: string[];
            rows: components["schemas"]["DrillRow"][];
        };
        /** @description A moment, and the facts behind it. */
        DrillMark: {
            at: string;
            facts: number[];
        };
        /** @description Whether what was expected came. */
        DrillMet: {
            /** @description Whether it was in time; nothing when nothing was expected. */
            met: boolean | null;
            /** @description All of it in words. */
            text: string;
            /**
             * Format: double
             * @description How long it took; nothing when it did not happen.
             */
            took: number | null;
            /** @description `detected`, `acknowledged`, `recovered`. */
            what: string;
            /**
             * Format: double
             * @description What was expected.
             */
            within: number | null;
        };
        /**
         * @description How it is run.
         * @enum {string}
         */
        DrillMode: "tabletop" | "probes";
        /**
         * @description Where it stands.
         * @enum {string}
         */
        DrillPhase: "before" | "refused" | "steps" | "watching" | "over" | "givenup";
        /** @description Something that is looked at. */
        DrillProbe: {
            /** @description What is looked at. */
            kind: components["schemas"]["DrillProbeKind"];
            /** @description What it is called. */
            name: string;
        };
        /** @description What a probe looks at. None of them alters anything. */
        DrillProbeKind: {
            /** @description `GET` of an address that whoever runs it allows. */
            http: {
                /**
                 * Format: int32
                 * @description The status that is expected.
                 */
                status: number;
                /**
                 * Format: int64
                 * @description How long an answer may take.
                 */
                timeout: number;
                /** @description The address. */
                url: string;
            };
        } | {
            /** @description Rows that a search finds. */
            query: {
                /**
                 * Format: int64
                 * @description So many at least.
                 */
                at_least: number | null;
                /**
                 * Format: int64
                 * @description So many at most.
                 */
                at_most: number | null;
                /** @description The search. */
                query: string;
                /**
                 * Format: int64
                 * @description How far back.
                 */
                within: number;
            };
        } | {
            /** @description Open alerts of the service. */
            alert: {
                /** @description Whether one is expected, or none. */
                open: boolean;
                /** @description Of this rule; of any when absent. */
                rule: string | null;
            };
        };
        /** @description A question for people at a table, and what is known of the answer. */
        DrillQuestion: {
            /** @description The question. */
            ask: string;
            /** @description What is known; nothing when that is a gap. */
            known: string | null;
        };
        /** @description A drill. */
        DrillRow: {
            name: string;
            /** @description The team that answers for it; empty when the file does not say. */
            owner: string;
            /** @description How many probes. */
            probes: number;
            /** @description It proves a restore. */
            restore: boolean;
            /** @description What it is about: `service:checkout`. */
            service: string | null;
            /** @description How many steps. */
            steps: number;
            title: string;
        };
        /** @description A drill that is run, as it stands. */
        DrillRun: {
            /** @description What probes saw. */
            answers: components["schemas"]["ProbeAnswered"][];
            /** @description The next step back. */
            back: string | null;
            done: components["schemas"]["StepDone"][];
            drill: string;
            mode: components["schemas"]["DrillMode"];
            /** @description Probes that do not hold before it begins, or at its end. */
            not_well: components["schemas"]["ProbeAnswered"][];
            owner: string;
            phase: components["schemas"]["DrillPhase"];
            /**
             * Format: int64
             * @description The decision that it began.
             */
            run: number;
            service: string | null;
            started: string;
            /** @description When all began to be well, and when it no longer was. */
            states: components["schemas"]["Steady"][];
            step: components["schemas"]["NextStep"] | null;
            taken_back: components["schemas"]["StepDone"][];
            title: string;
        };
        /** @description Something that people do. */
        DrillStep: {
            /** @description It breaks something: from here on time is taken. */
            inject: boolean;
            /** @description What is asked at the table. */
            question: string | null;
            /** @description What. */
            text: string;
        };
        /** @description A drill with its steps. */
        DrillWhole: {
            expect: components["schemas"]["DrillExpected"];
            name: string;
            notes: string[];
            owner: string;
            /** @description What is looked at; spans of time are in nanoseconds. */
            probes: components["schemas"]["DrillProbe"][];
            questions: components["schemas"]["DrillQuestion"][];
            /** @description It proves a restore. */
            restore: boolean;
            /** @description The way back. */
            rollback: string[];
            service: string | null;
            steps: components["schemas"]["DrillStep"][];
            title: string;
        };
        /** @description Rows that were left out. */
        Dropped: {
            /**
             * Format: int64
             * @description How many.
             */
            dropped: number;
        };
        /** @description The same measure in earlier months of the same service or team. */
        Earlier: {
            /**
             * Format: double
             * @description The median of the months that have a value.
             */
            median: number;
            /** @description How many they are. */
            months: number;
        };
        /**
         * @description How much work something is.
         * @enum {string}
         */
        Effort: "small" | "medium" | "large";
        /** @description What has ended. */
        EndedEarly: {
            /**
             * Format: int64
             * @description The decision that ended it.
             */
            ended: number;
            /** Format: int64 */
            id: number;
        };
        /** @description Something that ends within a week, or ended of late. */
        Ending: components["schemas"]["Carried"] & {
            /** @description What it is for. */
            about: string;
            /**
             * Format: int64
             * @description The decision, by id.
             */
            id: number;
            /** @description Its kind. */
            kind: string;
            /** @description It has ended. */
            over: boolean;
            /** @description What its owner is told; under the key `ends:ID` or `ended:ID`, so that it is told once. */
            word?: components["schemas"]["Word"];
        };
        /** @description A service, a host, a container, an image, a repository, a team: what facts are about. */
        Entity: {
            /** @description What tells it from others of its kind. */
            key: string;
            /** @description What it is: `service`, `host`, `container`, `package`, ... */
            kind: string;
        };
        /** @description What every answer looks like that is an error. */
        Error: {
            error: components["schemas"]["ErrorBody"];
        };
        /** @description What is wrong, where, and what to do. */
        ErrorBody: {
            /** @description What to do. */
            help: string | null;
            /** @description What is wrong. */
            message: string;
            /** @description Where: `start` and `end` in a search, `line` and `column` of a body or statement, `file`, `byte`. */
            where: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * @description A row by the names of its columns, of which a statement may make any. Absent is what is null; numbers beyond 2^53 are
         *     numbers too, ids of traces and spans hex digits, times RFC 3339 with nanoseconds.
         */
        EventRow: {
            [key: string]: unknown;
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
        /** @description An exemption from a control for a while. */
        Exception: {
            /** @description How to answer it at a command line. */
            answer_with?: string;
            /** @description The control, by name. */
            control: string;
            /**
             * Format: int64
             * @description The decision, by id.
             */
            decision: number;
            /** @description Of this thing alone, as `service:checkout`; of all when absent. */
            entity: string | null;
            /** @description In this environment alone; in all when absent. */
            environment: string | null;
            /** @description Who answers for it: a team. */
            owner: string;
            /** @description Why. */
            reason: string;
            /** @description Until when. */
            until: string;
        };
        /** @description A form for an exception, as it is shown first: who sends it as it is has said all but why. */
        ExceptionForm: {
            /** @description Where to ask. */
            ask: string;
            /** @description The latest end. */
            at_most: string;
            /** @description The control, by name. */
            control: string;
            /** @description Of which thing. */
            entity: string | null;
            /** @description What it is for, for operations. */
            for_operations: string;
            /** @description What it is for, for security. */
            for_security: string;
            /** @description Who answers for it: the team that owns the thing, else the control's owner. */
            owner: string;
            /** @description Why that one. */
            owner_because: string;
            /** @description It in a sentence. */
            title: string;
            /** @description When it ends. */
            until: string;
        };
        /** @description The exception that was made. */
        ExceptionMade: {
            /** Format: int64 */
            exception: number;
            /** @description It was told before. */
            repeated: boolean;
            until: string;
        };
        /** @description One of it. */
        ExceptionRow: components["schemas"]["Carried"] & {
            entity: string | null;
            environment: string | null;
            /** @description How many findings it suppresses; none when it is of another kind. */
            findings: number;
            /**
             * Format: int64
             * @description Its decision.
             */
            id: number;
            /** @description `exception`, `adjustment`, `lockdown`, `suppression` and the like. */
            kind: string;
        };
        /** @description What exempts, hides, locks or adjusts. */
        Exceptions: {
            count: number;
            /** @description What ends soon or ended of late. */
            endings: components["schemas"]["Ending"][];
            rows: components["schemas"]["ExceptionRow"][];
        };
        /** @description The values of a field. */
        Facet: {
            field: string;
            /**
             * Format: int64
             * @description Rows without the field.
             */
            missing: number;
            values: components["schemas"]["FacetValue"][];
        };
        /** @description Counted values of a table. */
        Facets: {
            facets: components["schemas"]["Facet"][];
            table: string;
        };
        /** @description A value, and how many rows have it. */
        FacetValue: {
            /** Format: int64 */
            count: number;
            value: string;
        };
        /** @description What became of facts. */
        FactsKept: {
            /**
             * Format: int64
             * @description Facts that are new.
             */
            new: number;
            /**
             * Format: int64
             * @description Facts that were known already.
             */
            repeated: number;
        };
        /** @description What became of the facts of a machine. */
        FactsTaken: components["schemas"]["FactsKept"] & {
            /** @description What an agent shall look at from now on. */
            policy?: {
                [key: string]: unknown;
            };
        };
        /** @description A field that can be searched. */
        FieldInfo: {
            /** @description `text`, `int`, `float`, `bool`, `time`, `list` or `json`. */
            kind: string;
            /** @description Its name in a query. */
            name: string;
            /** @description `column`, `attribute` or `resource`. */
            source: string;
        };
        /** @description Fields of a table. */
        Fields: {
            fields: components["schemas"]["FieldInfo"][];
            table: string;
        };
        /** @description A finding with how urgent it is, where it runs, and who must act. */
        Finding: components["schemas"]["FindingView"] & {
            /** @description The control behind its rule, by name; nothing when nobody says why it matters. */
            control: string | null;
            owner: components["schemas"]["Responsible"] | null;
            /** @description How many places these are. */
            places: number;
            /** @description How urgent it is. */
            rank: components["schemas"]["Rank"];
            /** @description Where it runs; the first of them. */
            runs: string[];
        };
        /** @description Findings. */
        Findings: {
            at: string;
            /** @description How many there are, hidden ones left out unless they were asked for. */
            count: number;
            findings: components["schemas"]["Finding"][];
            /** @description What to ask for as `after`, for those that come next; nothing when there are no more. */
            next: string | null;
            /** @description How many are hidden. */
            suppressed: number;
            /** @description Whether there are more than were answered. */
            truncated: boolean;
        };
        /** @description What was suppressed. */
        FindingsSuppressed: {
            /** @description One decision for each thing that is weak and control behind it. */
            suppressions: components["schemas"]["FindingsSuppression"][];
            until: string;
        };
        /** @description A decision that suppresses findings. */
        FindingsSuppression: {
            /** @description The control, by name. */
            control: string;
            /** @description What is weak. */
            entity: string | null;
            findings: number[];
            /**
             * Format: int64
             * @description The decision: by it this is renewed, ended before its time, and answered.
             */
            id: number;
            /** @description It was told before. */
            repeated: boolean;
        };
        /**
         * @description Where a finding stands.
         * @enum {string}
         */
        FindingState: "new" | "open" | "back" | "fixed";
        /** @description One step in the life of a finding. */
        FindingStep: {
            /** @description When. */
            at: string;
            /**
             * Format: int64
             * @description The change that brought it about, by its id.
             */
            change: number | null;
            /** @description When the ledger learnt it. */
            known: string;
            /** @description Who says so. */
            origin: string;
            /**
             * Format: int64
             * @description The scan that saw it, by its id.
             */
            scan: number | null;
            /** @description What. */
            what: components["schemas"]["FindingStepKind"];
        };
        /**
         * @description What happened to a finding.
         * @enum {string}
         */
        FindingStepKind: "found" | "fixed" | "back";
        /** @description A finding, with all that is known of it. */
        FindingView: {
            /** @description The logical place in it. */
            address: string;
            /** @description Whose facts. */
            dataset: string;
            /** @description What is weak. */
            entity: string | null;
            /** @description What proves it. */
            evidence: {
                [key: string]: unknown;
            };
            /** @description What identifies it. */
            fingerprint: string;
            fixed_by: components["schemas"]["ScanRef"] | null;
            fixed_by_change: components["schemas"]["ChangeRef"] | null;
            /** @description When it was found first. */
            found: string;
            found_by: components["schemas"]["ScanRef"] | null;
            /**
             * Format: int64
             * @description Its id.
             */
            id: number;
            /**
             * Format: int64
             * @description The line, when known.
             */
            line: number | null;
            /** @description What is wrong, in a sentence. */
            message: string;
            /** @description The teams that own its path, by the file of owners. */
            owners: string[];
            /** @description The file. */
            path: string;
            /** @description The component, or file and logical place. */
            place: string;
            /** @description The rule. */
            rule: string;
            /** @description How bad it is. */
            severity: string;
            /** @description Where it stands. */
            state: components["schemas"]["FindingState"];
            /** @description Its life. */
            steps: components["schemas"]["FindingStep"][];
            suppressed: components["schemas"]["Suppressed"] | null;
            /** @description One line. */
            title: string;
        };
        /** @description All that is known of a finding. */
        FindingWhy: components["schemas"]["Finding"] & {
            /** @description What mends it. */
            fix: components["schemas"]["Fix"];
            since: components["schemas"]["ChangeRef"] | null;
            /** @description How the component came in: from what was asked for to it. */
            via: string[];
            /**
             * @description Deployments that brought a version without it to where it runs, or that are still to come: services that are built
             *     from what is weak and were not deployed since it was mended there.
             */
            waiting: string[];
        };
        /** @description The first of a list, and how many there are. */
        First_Asking: {
            /** Format: int64 */
            count: number;
            rows: {
                /** @description What it is about. */
                about: string | null;
                /** @description When it was said. */
                at: string;
                /** @description What it rests on. */
                cites: number[];
                /** @description The control, by name; none of one that was made for a single suppression. */
                control: string | null;
                /** @description Who may see it. */
                dataset: string;
                /** @description Where. */
                environment: string | null;
                /**
                 * Format: int64
                 * @description Its id.
                 */
                id: number;
                /** @description `answer`, or `question` of an alert. */
                kind: string;
                /** @description Who answers for the control. */
                owner: string;
                /** @description Replies, the oldest first. */
                replies: components["schemas"]["Reply"][];
                /** @description What was said. */
                say: components["schemas"]["Say"];
                /** @description In which words. */
                text: string;
                /** @description The control in a sentence. */
                title: string;
                /** @description Until when an exception is asked for. */
                until: string | null;
                /** @description Somebody waits for a reply. */
                waits: boolean;
            }[];
        };
        /** @description The first of a list, and how many there are. */
        First_Ending: {
            /** Format: int64 */
            count: number;
            rows: (components["schemas"]["Carried"] & {
                /** @description What it is for. */
                about: string;
                /**
                 * Format: int64
                 * @description The decision, by id.
                 */
                id: number;
                /** @description Its kind. */
                kind: string;
                /** @description It has ended. */
                over: boolean;
                /** @description What its owner is told; under the key `ends:ID` or `ended:ID`, so that it is told once. */
                word?: components["schemas"]["Word"];
            })[];
        };
        /** @description The first of a list, and how many there are. */
        First_HomeIncident: {
            /** Format: int64 */
            count: number;
            rows: {
                entity: string | null;
                /** Format: int64 */
                id: number;
                level: components["schemas"]["Level"];
                opened: string;
                state: components["schemas"]["QueueState"];
                team: string | null;
                title: string;
            }[];
        };
        /** @description The first of a list, and how many there are. */
        First_Lockdown: {
            /** Format: int64 */
            count: number;
            rows: {
                /** @description How to answer it at a command line. */
                answer_with?: string;
                /** @description Since when. */
                at: string;
                /** @description The controls, by name. */
                controls: string[];
                /** @description Who may see it. */
                dataset: string;
                /**
                 * Format: int64
                 * @description The decision, by id.
                 */
                decision: number;
                /** @description How they speak at least. */
                mode: components["schemas"]["ControlMode"];
                /** @description Who answers for it. */
                owner: string;
                /** @description Why. */
                reason: string;
                /** @description When it is reviewed. */
                review_at: string;
                /** @description Of them, those whose review ended it before its time. */
                reviewed: string[];
                /** @description Until when. */
                until: string;
            }[];
        };
        /** @description The first of a list, and how many there are. */
        First_OpenReview: {
            /** Format: int64 */
            count: number;
            rows: {
                /** @description The lockdown. */
                lockdown: components["schemas"]["Lockdown"];
                /** @description Its review was due before now. */
                overdue: boolean;
                /** @description Its controls that wait. */
                waiting: string[];
            }[];
        };
        /** @description The first of a list, and how many there are. */
        First_String: {
            /** Format: int64 */
            count: number;
            rows: string[];
        };
        /** @description What mends a finding, or did. */
        Fix: {
            change: components["schemas"]["ChangeRef"] | null;
            /** @description The commit by which it went. */
            commit: string | null;
            /** @description Versions that do not have it. */
            versions: string[];
        };
        /** @description Nothing is in memory alone. */
        Flushed: {
            flushed: boolean;
        };
        /** @description Whom to forget. */
        ForgetParameters: {
            /** @description The name, as the trail shows it. */
            name: string;
        };
        /** @description The name is gone. */
        Forgotten: {
            forgotten: boolean;
        };
        /** @description A measure of all controls and systems. */
        Friction: {
            /** @description By control, by name. */
            controls: components["schemas"]["FrictionRow"][];
            /** @description What to do about it. */
            proposals: components["schemas"]["ControlProposal"][];
            /** @description From when. */
            since: string;
            /** @description By system, by name. */
            systems: components["schemas"]["FrictionRow"][];
            /** @description Until when. */
            until: string;
        };
        /** @description Exceptions of a time. */
        FrictionExceptions: {
            /**
             * Format: int64
             * @description In force at its end.
             */
            in_force: number;
            /**
             * Format: int64
             * @description Made, renewals excluded.
             */
            made: number;
            /**
             * Format: int64
             * @description Renewed.
             */
            renewed: number;
        };
        /** @description Friction and risk of a control or a system over a time. */
        FrictionRow: {
            /** @description What it stands against. */
            against: components["schemas"]["AgainstWhat"];
            /**
             * Format: int64
             * @description How often it was asked.
             */
            asked: number;
            /**
             * Format: int64
             * @description How often detection saw somebody go around it.
             */
            bypasses: number;
            /**
             * Format: int64
             * @description How often an exception let pass.
             */
            excepted: number;
            /** @description Exceptions. */
            exceptions: components["schemas"]["FrictionExceptions"];
            /**
             * Format: int64
             * @description How often it was passed for defence, and is to be looked at.
             */
            for_defence: number;
            /**
             * Format: double
             * @description From 0 to 1, see the module.
             */
            friction: number;
            /** @description The control's name, or the system as `service:checkout`. */
            name: string;
            /**
             * Format: double
             * @description From 0 to 1, see the module.
             */
            risk: number;
            /** @description What people said. */
            said: components["schemas"]["FrictionSaid"];
            /**
             * Format: int64
             * @description How often it stopped.
             */
            stopped: number;
            /** @description The control in a sentence; empty of a system. */
            title: string;
            /**
             * Format: int64
             * @description How often it could not decide.
             */
            undecided: number;
            /** @description The wait from being stopped to passing. */
            waiting: components["schemas"]["FrictionWaiting"];
            /**
             * Format: int64
             * @description How often it would have stopped, had it been enforced.
             */
            would_have_stopped: number;
        };
        /** @description What people said to a control. */
        FrictionSaid: {
            /**
             * Format: int64
             * @description "This helped."
             */
            helped: number;
            /**
             * Format: int64
             * @description "This hurt, because ..."
             */
            hurt: number;
            /**
             * Format: int64
             * @description How long the oldest of them waits.
             */
            longest: number | null;
            /**
             * Format: int64
             * @description Questions, those that bypasses opened included.
             */
            questions: number;
            /**
             * Format: int64
             * @description Requests for an exception.
             */
            requests: number;
            /**
             * Format: int64
             * @description What still waits for a reply.
             */
            unanswered: number;
            /**
             * Format: int64
             * @description Replies that the check was wrong.
             */
            wrong: number;
        };
        /** @description The wait from being stopped to passing: of the same service, question and environment. */
        FrictionWaiting: {
            /**
             * Format: int64
             * @description How many waits ended.
             */
            ended: number;
            /**
             * Format: int64
             * @description How many wait still.
             */
            open: number;
            /**
             * Format: int64
             * @description Half of them took no longer.
             */
            p50: number | null;
            /**
             * Format: int64
             * @description 95 of 100 took no longer.
             */
            p95: number | null;
        };
        /** @description What is said when something goes on or ends. */
        GoingOn: {
            /** @description Why; its own reason when absent. To end it early, it must be said. */
            reason?: string | null;
            /** @description Until when; as long as before when absent. */
            until?: string | null;
        };
        /** @description A grant as it is shown; `*` is all. */
        Grant: {
            datasets: string[];
            role: components["schemas"]["Role"];
            team: string;
        };
        /** @description What was granted. */
        Granted: {
            granted: components["schemas"]["Grant"];
            /** Format: int64 */
            id: number;
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
        /** @description That a page helped was kept. */
        HelpKept: {
            /**
             * Format: int64
             * @description The decision.
             */
            helped: number;
            page: string;
            /** @description It was told before. */
            repeated: boolean;
            rule: string;
        };
        /** @description What hides a finding. */
        Hiding: {
            /** @description Who says so: `tandem`, or the tool whose marker it is. */
            by: string;
            /** @description Who answers for it. */
            owner: string;
            /** @description Why. */
            reason: string;
            /** @description When it ends by itself; what names no end hides for 90 days from when it was first told. */
            until: string | null;
        };
        /** @description What has a component. */
        Holder: {
            entity: string;
            since: string;
        };
        /** @description What somebody should see first. */
        Home: {
            at: string;
            endings: components["schemas"]["First_Ending"];
            findings: components["schemas"]["HomeFindings"];
            incidents: components["schemas"]["First_HomeIncident"];
            /** @description The steps that gain most. */
            levers: components["schemas"]["Lever"][];
            lockdowns: components["schemas"]["First_Lockdown"];
            /** @description Files of knowledge that cannot be used, and why. */
            problems: components["schemas"]["First_String"];
            questions: components["schemas"]["First_Asking"];
            reviews: components["schemas"]["First_OpenReview"];
            /** @description The caller's teams; nothing for who has a role in all. */
            teams: string[] | null;
        };
        /** @description Findings that are open. */
        HomeFindings: {
            /** Format: int64 */
            count: number;
            severities: {
                [key: string]: number;
            };
        };
        /**
         * @description How far away something is.
         * @enum {string}
         */
        Horizon: "now" | "next" | "later";
        /** @description What a back-test found. */
        Hunted: {
            /**
             * Format: int64
             * @description Alerts that there would have been.
             */
            alerts: number;
            /**
             * Format: int64
             * @description Rows that might have matched, which the rules looked at; of operational rules, looks.
             */
            candidates: number;
            /** @description By UTC day. */
            days: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Events that did not fit into memory: there may be more alerts than were counted.
             */
            evicted: number;
            /** @description Looks that got no answer, with why. */
            failed: string[];
            /** @description From when. */
            from: string;
            /**
             * Format: int64
             * @description Events that matched a rule.
             */
            matches: number;
            /** @description The rules that were run. */
            rules: string[];
            /** @description The first of them. */
            samples: components["schemas"]["RaisedAlert"][];
            /** @description Until when. */
            to: string;
            /** @description What most of them would have been about. */
            top: [
                string,
                number
            ][];
        };
        /** @description What became of a document. */
        Imported: components["schemas"]["FactsKept"] & {
            /** @description What it was read as. */
            document: string;
            /** @description How many facts it holds. */
            facts: number;
            /** @description What was left out, and why. */
            notes: string[];
        };
        /** @description An incident with everything that belongs to it. */
        IncidentWhole: components["schemas"]["QueueWhole"] & {
            /** Format: double */
            first_useful_signal_seconds: number | null;
            /** @description Pages that say what to do, the best first. */
            runbooks: components["schemas"]["RunbookBeside"][];
        };
        /** @description A control as it is in force for somebody, at a time. */
        InForce: {
            because: components["schemas"]["Because"] | null;
            /** @description The control. */
            control: components["schemas"]["Control"];
            /**
             * Format: int64
             * @description Its decision in the ledger, by id.
             */
            id: number;
            /** @description How it speaks now. */
            mode: components["schemas"]["ControlMode"];
        };
        /** @description Something that is planned. */
        Initiative: {
            /** @description Controls that come with it, by name. */
            controls: string[];
            /** @description Why, for operations. */
            for_operations: string;
            /** @description Why, for security. */
            for_security: string;
            /** @description When it begins. */
            from: string | null;
            /** @description How far away. */
            horizon: components["schemas"]["Horizon"];
            /** @description The file's stem. */
            id: string;
            /**
             * Format: int32
             * @description So many days before that the teams hear of it.
             */
            notice_days: number;
            /** @description The team that answers for it. */
            owner: string;
            /** @description When it begins to restrict somebody. */
            restricts: string | null;
            /** @description What is done, in order. */
            steps: string[];
            /** @description The teams that it affects. */
            teams: string[];
            /** @description It in a sentence. */
            title: string;
            /** @description When it shall be done. */
            until: string | null;
        };
        /** @description A report. */
        InventoryReport: components["schemas"]["Report_Ran"] | components["schemas"]["Report_InventoryPart"] | components["schemas"]["Report_Orphan"] | components["schemas"]["Report_Silent"] | components["schemas"]["UnreadReport"] | components["schemas"]["Report_Coverage"] | components["schemas"]["Report_ExternalRow"] | components["schemas"]["Report_ImageRow"] | components["schemas"]["Report_SocketRow"] | components["schemas"]["Report_SurfaceRow"] | components["schemas"]["Report_GrowthRow"] | components["schemas"]["Report_EngineersRow"] | components["schemas"]["Clocks"] | components["schemas"]["Report_LayerCell"];
        /** @description A document that was found. */
        KnowledgeHit: {
            at: string | null;
            /** @description Who may see it; nothing for everybody. */
            dataset: string | null;
            /** @description What it is about. */
            entity: string | null;
            id: string;
            /** @description `runbook`, `note`, `review`, `decision`, `control`, `roadmap`, `incident`, `answer` or `meeting`. */
            kind: string;
            /** @description Where to read it. */
            link: string | null;
            /** @description Where in the snippet the words are: begin and end in bytes. */
            marks: [
                number,
                number
            ][];
            /** @description The team that answers for it. */
            owner: string | null;
            /**
             * Format: double
             * @description Comparable within one answer alone.
             */
            score: number;
            services: string[];
            snippet: string;
            title: string;
        };
        /** @description What was found. */
        KnowledgeHits: {
            count: number;
            hits: components["schemas"]["KnowledgeHit"][];
        };
        /** @description All lists. */
        KnowledgeLists: {
            /** @description Links to pages and headings that are not there. */
            broken_links: components["schemas"]["Listed_PagePlace"];
            /** @description Services whose pages one person wrote. */
            one_author: components["schemas"]["Listed_Hangs"];
            /** @description Pages past their day, the longest first. */
            overdue: components["schemas"]["Listed_PageOverdue"];
            /** @description Commands and files that are not there. */
            stale_commands: components["schemas"]["Listed_PagePlace"];
            /** @description Titles of rules that no runbook names. */
            without_runbook: components["schemas"]["Listed_String"];
        };
        /** @description A page. */
        KnowledgePage: {
            /** @description Titles of alerts that it is for. */
            alerts: string[];
            /** @description The file, as it is named in problems. */
            file: string;
            /** @description Its path in its folder, with `/`; of Notion without the ids in names. */
            id: string;
            /** @description What it is for. */
            kind: components["schemas"]["PageKind"];
            /** @description Where it comes from. */
            origin: components["schemas"]["PageOrigin"];
            /** @description The team that answers for it. */
            owner: string | null;
            /** @description When somebody should have looked at it again, the beginning of that day. */
            review_by: string | null;
            /** @description Rules that it is for: ids, or `linux/sudoers_changed`. */
            rules: string[];
            /** @description Services that it is for. */
            services: string[];
            /** @description Techniques of ATT&CK, such as `T1110.001`. */
            techniques: string[];
            /** @description In a line. */
            title: string;
        };
        /** @description Pages, and what is wrong with folders and files. */
        KnowledgePages: {
            count: number;
            /** @description Where the list goes on: its `after`. */
            next: string | null;
            pages: components["schemas"]["PageLinked"][];
            problems: components["schemas"]["PageProblems"];
        };
        /** @description What is missing, old or broken, and what is wrong with folders and files. */
        KnowledgeState: components["schemas"]["KnowledgeLists"] & {
            problems: components["schemas"]["PageProblems"];
        };
        /**
         * @description Who has to do with a layer.
         * @enum {string}
         */
        LayerSide: "provider" | "platform" | "service-team";
        /**
         * @description How bad it is, in Sigma's words.
         * @enum {string}
         */
        Level: "informational" | "low" | "medium" | "high" | "critical";
        /** @description A next step. */
        Lever: {
            /** @description How much work it is. */
            effort: components["schemas"]["Effort"];
            /** @description Why. */
            effort_why: string;
            /** @description What to do first: a command. */
            first_step: string;
            /**
             * Format: double
             * @description What is gained when the number is 0, from 0 to 1.
             */
            gain: number;
            gained: components["schemas"]["LeverGain"] | null;
            /** @description Which, for good. */
            id: string;
            /** @description What is measured again. */
            measure: string;
            /**
             * Format: int64
             * @description The number.
             */
            number: number;
            /**
             * Format: int64
             * @description Of how many.
             */
            of: number | null;
            /** @description What operations gain. */
            operations: string;
            /** @description The teams that can do it, those with most of it first. */
            owners: string[];
            /**
             * Format: double
             * @description Gain for effort: the order.
             */
            score: number;
            /** @description What security gains. */
            security: string;
            /** @description It with its number: "8 of 31 services send no logs". */
            title: string;
            /** @description Nobody looked: the number says nothing, and it is not among the steps. */
            unknown: boolean;
        };
        /** @description What a lever gained. */
        LeverGain: {
            /** @description The greatest number within the last 90 days before the newest. */
            before: components["schemas"]["LeverMeasured"];
            /**
             * Format: int64
             * @description By how much it is smaller.
             */
            gained: number;
            /** @description Which lever. */
            lever: string;
            /** @description The newest number. */
            now: components["schemas"]["LeverMeasured"];
            /** @description Since when it is not greater than now. */
            since: string;
            /** @description All of it in words. */
            text: string;
        };
        /** @description A number of a day. */
        LeverMeasured: {
            /** @description When. */
            at: string;
            /**
             * Format: int64
             * @description The decision that keeps it.
             */
            decision: number;
            /**
             * Format: int64
             * @description The number.
             */
            number: number;
            /**
             * Format: int64
             * @description Of how many.
             */
            of: number | null;
        };
        /** @description A lever, and what its number counts. */
        LeverOpened: components["schemas"]["Lever"] & {
            at: string;
            /** @description As many as the number says. */
            rows: components["schemas"]["LeverRow"][];
        };
        /** @description One of what a lever counts. */
        LeverRow: {
            /** @description What it is about; nothing for a rule. */
            entity: string | null;
            /** @description The facts that say so, by id. */
            facts: number[];
            /** @description The team that can change it. */
            team: string | null;
            /** @description It in words. */
            what: string;
        };
        /** @description Levers, the best first. */
        Levers: {
            at: string;
            levers: components["schemas"]["Lever"][];
        };
        /** @description What was measured. */
        LeversMeasured: {
            /**
             * Format: int64
             * @description Numbers that were kept.
             */
            kept: number;
        };
        /** @description What became of lines. */
        LinesKept: {
            accepted: number;
            /** @description Why the first of the others was refused. */
            message: string | null;
            rejected: number;
        };
        /** @description A list, and how long it really is. */
        Listed_Hangs: {
            /** @description All of them. */
            count: number;
            /** @description The first of them. */
            first: {
                /** @description Its pages. */
                pages: string[];
                /** @description The service. */
                service: string;
                /** @description The risk in words; it names nobody. */
                why: string;
            }[];
        };
        /** @description A list, and how long it really is. */
        Listed_PageOverdue: {
            /** @description All of them. */
            count: number;
            /** @description The first of them. */
            first: {
                /** @description The team that answers for it. */
                owner: string | null;
                /** @description The page. */
                page: string;
                /** @description Since when. */
                review_by: string;
            }[];
        };
        /** @description A list, and how long it really is. */
        Listed_PagePlace: {
            /** @description All of them. */
            count: number;
            /** @description The first of them. */
            first: {
                /** @description Its file. */
                file: string;
                /** @description The line, if the page is as its file. */
                line: number | null;
                /** @description The page. */
                page: string;
                /** @description What is there. */
                what: string;
                /** @description What is wrong with it and what to do. */
                why: string;
            }[];
        };
        /** @description A list, and how long it really is. */
        Listed_String: {
            /** @description All of them. */
            count: number;
            /** @description The first of them. */
            first: string[];
        };
        /** @description Controls that were tightened at once. */
        Lockdown: {
            /** @description How to answer it at a command line. */
            answer_with?: string;
            /** @description Since when. */
            at: string;
            /** @description The controls, by name. */
            controls: string[];
            /** @description Who may see it. */
            dataset: string;
            /**
             * Format: int64
             * @description The decision, by id.
             */
            decision: number;
            /** @description How they speak at least. */
            mode: components["schemas"]["ControlMode"];
            /** @description Who answers for it. */
            owner: string;
            /** @description Why. */
            reason: string;
            /** @description When it is reviewed. */
            review_at: string;
            /** @description Of them, those whose review ended it before its time. */
            reviewed: string[];
            /** @description Until when. */
            until: string;
        };
        /** @description The lockdown that was called. */
        LockdownCalled: {
            /** Format: int64 */
            lockdown: number;
        };
        /** @description What a review of one control of a lockdown made. */
        LockdownReviewed: {
            /**
             * Format: int64
             * @description The adjustment that keeps the control tight.
             */
            adjustment: number | null;
            /** Format: int64 */
            review: number;
            /** @description Until when it does. */
            until: string | null;
            /** @description Controls of the lockdown that still wait. */
            waiting: string[];
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
        /** @description Out. */
        LoggedOut: {
            out: boolean;
        };
        /** @description A log-in by password. */
        LogIn: {
            /** @description The log-in. */
            login: string;
            /** @description The password. */
            password: string;
        };
        /** @description A meeting of some teams, again and again. */
        Meeting: {
            /** @description When it begins, in UTC; all day when nobody says. */
            at: string | null;
            /**
             * Format: int32
             * @description Days between two of them, now.
             */
            days: number;
            /**
             * Format: int32
             * @description How long it lasts.
             */
            minutes: number;
            /** @description Where the work stands. */
            phase: components["schemas"]["MeetingPhase"];
            /** @description What to read before. People are reminded of it, and nobody checks. */
            reading: string[];
            /** @description The first of them; the day of the agenda when nobody says. */
            starts: string | null;
            /** @description The teams, in the order of their names. */
            teams: string[];
        };
        /** @description The meeting that was kept. */
        MeetingKept: {
            day: string;
            /**
             * Format: int64
             * @description The decision.
             */
            meeting: number;
            /** @description It was told before. */
            repeated: boolean;
            teams: string[];
        };
        /**
         * @description Where common work stands. How often people meet follows from it.
         * @enum {string}
         */
        MeetingPhase: "planning" | "choosing" | "rolling-out" | "running";
        /** @description A metric over time. */
        MetricRange: {
            agg: string;
            name: string;
            /**
             * Format: int64
             * @description Bytes of files and memory that were read; nothing for who does not see every dataset.
             */
            read_bytes: number | null;
            series: components["schemas"]["Series"][];
            /**
             * Format: int64
             * @description Width of a step in nanoseconds.
             */
            step_ns: number;
            /**
             * Format: int64
             * @description How long it took.
             */
            took_ms: number;
            /** @description Whether a bound of the server cut the points. */
            truncated: boolean;
        };
        /** @description Who looks at it. */
        NameShown: {
            /** @description Whether somebody does. */
            assigned: boolean;
            /** Format: int64 */
            id: number;
            /** @description Nothing when nobody does, or the name was erased. */
            name: string | null;
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
        /** @description A step that is to be done. */
        NextStep: {
            /** @description Something is broken by it. */
            inject: boolean;
            /** @description From 1 on. */
            number: number;
            of: number;
            question: string | null;
            text: string;
        };
        /** @description Nothing; an object all the same, so that pages of other sites cannot post it. */
        Nothing: Record<string, never>;
        /** @description How many notices a team should get in a shift. */
        NoticeBudget: {
            /** Format: int64 */
            notices: number;
            /** Format: int64 */
            shift_seconds: number;
        };
        /** @description Notices since the start. */
        NoticesSent: {
            /** Format: int64 */
            failed_attempts: number;
            /** Format: int64 */
            sent: number;
        };
        /** @description Why somebody objects. */
        Objecting: {
            /** @description Why. */
            reason: string;
            /** @description The team that objects. */
            team: string;
        };
        /** @description Somebody objected, and why. It names nobody. */
        Objection: {
            /** @description When. */
            at: string;
            /**
             * Format: int64
             * @description The decision.
             */
            id: number;
            /** @description Whether it came after the window for objections. */
            late: boolean;
            /** @description Why. */
            reason: string;
            /** @description The team that objects. */
            team: string | null;
        };
        /** @description The objection that was kept. */
        ObjectionKept: {
            /** @description It came after the day until which there was time. */
            late: boolean;
            /**
             * Format: int64
             * @description The decision.
             */
            objection: number;
            /** @description The team that owns the upgrade. */
            owner: string;
        };
        /** @description The incident that was opened. */
        Opened: {
            /** Format: int64 */
            incident: number;
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
        /** @description A lockdown of which not every control was reviewed. */
        OpenReview: {
            /** @description The lockdown. */
            lockdown: components["schemas"]["Lockdown"];
            /** @description Its review was due before now. */
            overdue: boolean;
            /** @description Its controls that wait. */
            waiting: string[];
        };
        /** @description How an operational rule is doing. */
        OperationalNow: {
            /** @description It cannot tell anything. */
            blind: boolean;
            /** @description Why the last one failed, if it did. */
            error: string | null;
            /**
             * Format: int64
             * @description Looks that failed.
             */
            failures: number;
            /** @description Groups that fired and are not over. */
            firing: number;
            /** @description Groups or values that it remembers. */
            known: number;
            /** @description Groups that hold, but not for long enough. */
            pending: number;
        };
        /**
         * @description What it turned out to be.
         * @enum {string}
         */
        Outcome: "true" | "benign" | "false" | "ended" | "ignored" | "escalated" | "done";
        /** @description Something else that happens in the same window. */
        Overlap: {
            /** @description From. */
            from: string;
            /** @description Its id. */
            id: string;
            /** @description `upgrade`, `roadmap`. */
            kind: string;
            /** @description Why it matters: services or teams that both touch. */
            shared: string[];
            /** @description Its title. */
            title: string;
            /** @description Until. */
            until: string;
        };
        /** @description What a source says that counts less. */
        Overruled: {
            origin: string;
            owner: string;
        };
        /** @description Who owns something at a time. */
        OwnedBy: {
            /** @description Which layer; empty for the whole. */
            layer: string;
            /** @description Who. */
            owner: string;
            /** @description Why that is said. */
            reason: string;
        };
        /** @description Who owns a layer of it. */
        Owner: {
            /** @description Other teams that the same source names. */
            conflicts: string[];
            /** @description Empty for the whole. */
            layer: string;
            /** @description Who says so. */
            origin: string;
            /** @description What sources say that count less. */
            overruled: components["schemas"]["Overruled"][];
            /** @description The team. */
            owner: string;
            /** @description It in words. */
            reason: string;
            since: string;
            /** @description What it belongs to, of which that is said. */
            via: string | null;
        };
        /** @description From one owner to the next. */
        OwnerHandOver: {
            /** @description When. */
            at: string;
            /** @description Who had it; nothing when nobody had. */
            from: string | null;
            /** @description Which layer; empty for the whole. */
            layer: string;
            /** @description Who got it; nothing when nobody did. */
            to: string | null;
        };
        /** @description Whose something was, over time. */
        OwnerHistory: {
            /** @description Owners as of the later time. */
            after: components["schemas"]["OwnedBy"][];
            /** @description Owners as of the earlier time. */
            before: components["schemas"]["OwnedBy"][];
            /** @description What. */
            entity: string;
            /** @description Each hand-over between the two times. */
            hand_overs: components["schemas"]["OwnerHandOver"][];
            /** @description Owners one after another, until the later time. */
            intervals: components["schemas"]["Report_Ownership"];
            /** @description What it is part of, when the history is that of this. */
            via: string | null;
        };
        /** @description Owners of something. */
        Owners: {
            at: string;
            entity: string;
            owners: components["schemas"]["Owner"][];
        };
        /** @description Who owned something at two times. */
        OwnersBetween: components["schemas"]["OwnerHistory"] & {
            from: string;
            to: string;
        };
        /** @description Another password for oneself. */
        OwnPassword: {
            /** @description The one from now on. */
            new: string;
            /** @description The one until now. */
            old: string;
        };
        /**
         * @description What a page is for.
         * @enum {string}
         */
        PageKind: "runbook" | "note" | "review" | "decision" | "control" | "roadmap";
        /** @description A page without its text. */
        PageLinked: components["schemas"]["KnowledgePage"] & {
            /** @description Where to read it. */
            link: string | null;
        };
        /**
         * @description Where a page comes from.
         * @enum {string}
         */
        PageOrigin: "built_in" | "markdown" | "confluence" | "notion" | "html";
        /** @description What is wrong with a file or folder, and what to do. */
        PageProblem: {
            /** @description On which line. */
            line: number | null;
            /** @description Which. */
            path: string;
            /** @description In words. */
            what: string;
        };
        /** @description What is wrong, and how much more. */
        PageProblems: {
            /** @description The first of them. */
            first: components["schemas"]["PageProblem"][];
            /** @description How many more there are. */
            more: number;
        };
        /** @description A page. */
        PageWhole: components["schemas"]["PageLinked"] & {
            /** @description In it nothing runs, and nothing is loaded from elsewhere. */
            html: string;
            markdown: string;
        };
        /** @description A part of a dashboard. */
        Panel: {
            /** @description How values of one step become one. */
            agg: string | null;
            /** @description What a metric is split by. */
            by: string | null;
            /** @description One of `search`, `sql`, `chart`, `number`, `table`, `markdown`. */
            kind: string;
            /** @description Where it leads. */
            link: string | null;
            /** @description A metric's name. */
            metric: string | null;
            /** @description A search, or the filter of a metric. */
            query: string | null;
            /** @description A statement. */
            sql: string | null;
            /** @description The table of a search. */
            table: string | null;
            /** @description The text of Markdown. */
            text: string | null;
            /** @description What it shows. */
            title: string;
            /** @description The unit, as UCUM writes it. */
            unit: string | null;
            /**
             * Format: int64
             * @description Columns of twelve.
             */
            width: number;
        };
        /** @description The password is another. */
        PasswordChanged: {
            changed: boolean;
        };
        /** @description Another password. */
        PasswordParameters: {
            /** @description The password; one is generated and answered when absent. */
            password?: string | null;
        };
        /** @description The password that was set. */
        PasswordSet: {
            /** Format: int64 */
            id: number;
            /** @description When it was generated; it is answered once. */
            password: string | null;
        };
        /** @description What an action would do. */
        PlaybookStep: {
            /** @description `webhook`, `probe`, `ticket`, `tag`. */
            action: string;
            /** @description Through which channel. */
            channel: string | null;
            /** @description Why it could not be done. */
            problem: string | null;
            /** @description What would be sent or set. */
            text: string;
        };
        /** @description What a playbook would do, or did. */
        Played: {
            playbook: string;
            /** @description `dry`, `run` or `undo`. */
            run: string;
            steps: components["schemas"]["PlaybookStep"][];
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
        /** @description Who asks. */
        Principal: {
            /** @description For the header of requests that change something, of who came in by cookie. */
            csrf: string | null;
            /** @description The datasets that may be seen; `*` is all. */
            datasets: string[];
            grants: components["schemas"]["Grant"][];
            kind: components["schemas"]["PrincipalKind"];
            /** @description As the audit trail shows it. */
            name: string;
        };
        /**
         * @description What kind of caller.
         * @enum {string}
         */
        PrincipalKind: "nobody" | "user" | "token" | "owner";
        /** @description What a probe saw, and when. */
        ProbeAnswered: {
            /** @description When. */
            at: string;
            /** @description Whether that is what holds normally. */
            holds: boolean;
            /** @description What it saw. */
            looked: components["schemas"]["ProbeLooked"];
            /** @description Its name. */
            probe: string;
        };
        /** @description What a probe saw. */
        ProbeLooked: {
            /**
             * Format: int32
             * @description The status of an answer.
             */
            status: number;
        } | {
            /**
             * Format: int64
             * @description How many rows or alerts there are.
             */
            count: number;
        } | {
            /** @description It could not look, and why. */
            failed: string;
        };
        /** @description What could come next. */
        Proposals: {
            proposals: components["schemas"]["Completion"][];
        };
        /** @description What a control protects against, for each side in its own words. */
        Protects: {
            /** @description For those who run it. */
            operations: string;
            /** @description For those who secure it. */
            security: string;
        };
        /** @description How many there are of what was asked, over all pages. */
        QueueCounts: {
            /**
             * Format: int64
             * @description All.
             */
            all: number;
            /** @description By level. */
            levels: {
                [key: string]: number;
            };
            /** @description By the team that answers for it; empty for nobody. */
            owners: {
                [key: string]: number;
            };
            /** @description By state. */
            states: {
                [key: string]: number;
            };
        };
        /**
         * @description What is in the queue.
         * @enum {string}
         */
        QueueKind: "alert" | "incident" | "task" | "suppression";
        /**
         * @description What is so of an alert beside its state, and stays so.
         * @enum {string}
         */
        QueueMark: "inhibited" | "flapping" | "digest" | "quiet";
        /** @description A page of the queue. */
        QueuePage: {
            /** @description Over all pages. */
            counts: components["schemas"]["QueueCounts"];
            /** @description Where the next page goes on: its `after`. */
            next: string | null;
            rows: components["schemas"]["QueueRow"][];
        };
        /** @description A row of the queue. Of persons there is a number alone. */
        QueueRow: {
            acknowledged: string | null;
            /** @description How to answer it at a command line. */
            answer_with: string;
            aspect: components["schemas"]["Aspect"];
            /**
             * Format: int64
             * @description Whoever looks at it, as a number.
             */
            assignee: number | null;
            /** @description Why something is hidden by it: of a suppression, and of what is snoozed. */
            because: string | null;
            closed: string | null;
            dataset: string;
            /** @description What it is about: `host:web-1`. */
            entity: string | null;
            /** Format: int64 */
            events: number;
            fingerprint: string;
            /**
             * Format: int64
             * @description How often it fired; what a suppression hid.
             */
            firings: number;
            first: string;
            /** Format: int64 */
            id: number;
            /** Format: int64 */
            incident: number | null;
            kind: components["schemas"]["QueueKind"];
            last: string;
            level: components["schemas"]["Level"];
            marks: components["schemas"]["QueueMark"][];
            /**
             * Format: int64
             * @description Minutes that playbooks saved.
             */
            minutes_saved: number;
            notified: string | null;
            opened: string;
            outcome: components["schemas"]["Outcome"] | null;
            rule: string;
            runbook: string | null;
            state: components["schemas"]["QueueState"];
            tags: string[];
            /** @description The team that answers for it. */
            team: string | null;
            title: string;
            /** @description When it wakes up, ends or is due. */
            until: string | null;
        };
        /**
         * @description Where it stands.
         * @enum {string}
         */
        QueueState: "open" | "acknowledged" | "snoozed" | "resolved";
        /** @description One with everything that belongs to it. */
        QueueWhole: components["schemas"]["QueueRow"] & ({
            /** @description Copies of events; nothing in place of one that was erased. */
            cited: (components["schemas"]["CitedEvent"] | null)[];
            cites: components["schemas"]["Cite"][];
            /** @description What is weak on it and on what it runs. */
            findings?: components["schemas"]["AlertFinding"][];
            /** @description What its events were grouped by: names and values. */
            key: [
                string,
                string
            ][];
            /** @description Its alerts and tasks. */
            parts: components["schemas"]["QueueRow"][];
            reason: string;
            /** @description Changes that may be to blame, the likeliest first. */
            suspects?: components["schemas"]["Suspect"][];
            timeline: components["schemas"]["TimelineRow"][];
            /** @description Why it fired; nothing when that was erased. */
            why: string | null;
            /** @description Why the owner is said to be the owner. */
            why_owner?: string;
        } & {
            [key: string]: unknown;
        });
        /**
         * @description A rule has fired for something, in one window of time.
         *
         *     Equal ids are the same alert: it may be told again with more events, and the later word counts.
         */
        RaisedAlert: {
            /** @description Whose language. */
            aspect: components["schemas"]["Aspect"];
            /**
             * Format: int64
             * @description How many events.
             */
            count: number;
            /** @description Who may see it: the dataset of its events. */
            dataset: string;
            entity: components["schemas"]["Entity"] | null;
            /** @description The events that it rests on, at most [`MAX_ALERT_EVENTS`] and [`MAX_ALERT_EVENT_BYTES`]. */
            events: components["schemas"]["CitedEvent"][];
            /**
             * Format: int64
             * @description Time of the first event.
             */
            first: number;
            /**
             * @description Hash of the rule's version, the key and the window: the same events give the same id, in any order and after
             *     any restart.
             */
            id: string;
            /** @description What the events were grouped by, name and value. */
            key: [
                string,
                string
            ][];
            /**
             * Format: int64
             * @description Time of the last event.
             */
            last: number;
            /** @description How bad. */
            level: components["schemas"]["Level"];
            /** @description The rule's id: its UUID where it has one, else the stem of its file. */
            rule: string;
            /** @description Hash of the rule's text. */
            rule_version: string;
            /** @description Where the rule's own page or the rule says to look. */
            runbook: string | null;
            /**
             * @description No event that may still come can change it. Of an operational rule it also says that the condition is over, since
             *     `last`; of a security rule it does not say that anything is resolved.
             */
            settled: boolean;
            /** @description The rule's tags, such as `attack.t1110`. */
            tags: string[];
            /** @description The rule's title. */
            title: string;
            /** @description Why it fired, in a plain sentence with the numbers. */
            why: string;
        };
        /** @description How urgent a finding is, from 0 to 100. */
        Rank: {
            /**
             * Format: double
             * @description The sum of all points.
             */
            score: number;
            /** @description The terms, always all of them. */
            terms: components["schemas"]["RankTerm"][];
        };
        /** @description One term of a rank. */
        RankTerm: {
            /** @description Why it has this value. */
            because: string;
            /** @description `exploited`, `severity`, `running`, `exposed`, `tier`, `fix`. */
            name: string;
            /**
             * Format: double
             * @description Value times weight.
             */
            points: number;
            /**
             * Format: double
             * @description Between 0 and 1.
             */
            value: number;
            /**
             * Format: double
             * @description What it counts at most.
             */
            weight: number;
        };
        /** @description A stream that only rules read. */
        ReadByRules: {
            /**
             * Format: int64
             * @description Bytes that it brought.
             */
            bytes: number;
            /** @description How many rules read it. */
            count: number;
            /** @description Dataset. */
            dataset: string;
            /** @description The first of them. */
            rules: string[];
            /** @description `service.name`; empty when there is none. */
            service: string;
        };
        /** @description Things that need each other in a circle. */
        RecoveryCircle: {
            /** @description What is left out, as `a calls b`, and the relation. */
            left_out: [
                string,
                number
            ][];
            /** @description All of them, by name. */
            members: string[];
            /** @description What that means, and what to do. */
            message: string;
        };
        /** @description Something that is missing. */
        RecoveryGap: {
            /** @description Of what. */
            entity: string;
            /** @description The facts behind it. */
            facts: number[];
            /** @description The rule. */
            rule: string;
            /** @description `high`, `medium`, `low`. */
            severity: string;
            /** @description One line. */
            title: string;
        };
        /** @description What something needs to come back. */
        RecoveryNeed: {
            /**
             * Format: int64
             * @description The relation, by its id.
             */
            id: number;
            /** @description `runs_on`, `depends_on`, `calls`, `part_of`. */
            kind: string;
            /** @description It is left out of the order, since both need each other: what needs it has to start without it. */
            left_out: boolean;
            /** @description What. */
            to: string;
        };
        /** @description Something that has to come back. */
        RecoveryPart: {
            /**
             * Format: double
             * @description When it could be back after the start, if everything before it takes as long as it was proved to; nothing when
             *     something before it, or itself, never was.
             */
            back_after: number | null;
            /** @description Where its backup is. */
            backup: string | null;
            /** @description When that was made last. */
            backup_at: string | null;
            /** @description What. */
            entity: string;
            /**
             * Format: int64
             * @description Its id; nothing when others name it and nobody told of it.
             */
            id: number | null;
            /** @description It is of the minimum: of tier 1, or needed by what is. */
            minimum: boolean;
            /** @description What it needs. */
            needs: components["schemas"]["RecoveryNeed"][];
            /** @description It is not ours: it has to be there, and nobody here brings it back. */
            outside: boolean;
            /** @description Whose it is. */
            owner: string | null;
            /**
             * Format: int64
             * @description The decision that proves it.
             */
            proof: number | null;
            /** @description Whether that still counts. */
            proved: boolean;
            /** @description When a restore was proved last. */
            proved_at: string | null;
            /** @description The round in which it comes back, from 1: things of one round may come back at once. */
            round: number;
            /**
             * Format: double
             * @description How much may be lost.
             */
            rpo: number | null;
            /**
             * Format: double
             * @description How long it may be gone.
             */
            rto: number | null;
            /**
             * Format: int32
             * @description How much it matters, from 1.
             */
            tier: number | null;
            /**
             * Format: double
             * @description How long it took.
             */
            took: number | null;
            /** @description What was written in the place of one of both, and is no span of time. */
            unreadable: string[];
        };
        /** @description How everything comes back. */
        RecoveryPlan: {
            /** @description The time that it is about. */
            at: string;
            /** @description Circles. */
            circles: components["schemas"]["RecoveryCircle"][];
            /** @description What is missing. */
            gaps: components["schemas"]["RecoveryGap"][];
            /** @description How many of them are the minimum. */
            minimum: number;
            /** @description The minimum first, each in the order in which it comes back. */
            parts: components["schemas"]["RecoveryPart"][];
            /** @description Rounds that the minimum takes. */
            rounds: number;
        };
        /** @description What goes on. */
        Renewed: {
            /** Format: int64 */
            id: number;
            /** @description It was told before. */
            repeated: boolean;
            until: string;
        };
        /** @description What an owner replied. */
        Reply: {
            /** @description When. */
            at: string;
            /** @description What was done. */
            did: string;
            /**
             * Format: int64
             * @description Its id.
             */
            id: number;
            /**
             * Format: int64
             * @description The exception or adjustment that it made.
             */
            made: number | null;
            /** @description In which words. */
            text: string;
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
        /** @description The reply that was kept. */
        ReplyKept: {
            /**
             * Format: int64
             * @description The exception or adjustment that it made.
             */
            made: number | null;
            /** Format: int64 */
            reply: number;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_Coverage: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description Where it runs is known. */
                environment: boolean;
                /** @description It sends logs. */
                logs: boolean;
                /** @description It sends metrics. */
                metrics: boolean;
                /** @description Whose it is. */
                owned_by: string | null;
                /** @description It has an owner. */
                owner: boolean;
                /** @description It has a runbook. */
                runbook: boolean;
                /** @description The service. */
                service: string;
                /** @description It sends spans. */
                traces: boolean;
                /** @description Its version is known. */
                version: boolean;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_EngineersRow: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /**
                 * Format: int32
                 * @description Engineers, as told; persons are not counted here.
                 */
                engineers: number;
                /**
                 * Format: int64
                 * @description Services that run.
                 */
                services: number;
                /**
                 * Format: double
                 * @description Services for each of them; nothing when there is none.
                 */
                services_per_engineer: number | null;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_ExternalRow: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description How many services call it. */
                called_by: number;
                /** @description Some of them. */
                callers: string[];
                /** @description Its name or address. */
                name: string;
                /** @description `private` for addresses that are not routed, else `public`. */
                network: string | null;
                /** @description Who answers for it here. */
                owner: string | null;
                /** @description When it was called last. */
                seen: string;
                /** @description When it was seen first. */
                since: string | null;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_GrowthRow: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description When. */
                at: string;
                /**
                 * Format: double
                 * @description Their share of hundred.
                 */
                coverage: number;
                /** @description Services whose logs, traces and metrics came. */
                covered: number;
                /**
                 * Format: double
                 * @description Growth of what is covered since the first time, in hundredths.
                 */
                covered_growth: number | null;
                /** @description Deployments since the time before; before the first time none are counted. */
                deploys: number;
                /** @description Services that ran. */
                services: number;
                /**
                 * Format: double
                 * @description Growth of services since the first time, in hundredths.
                 */
                services_growth: number | null;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_ImageRow: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /**
                 * Format: int64
                 * @description Days since then.
                 */
                age_days: number;
                /** @description Its name. */
                name: string;
                /** @description Whose it is. */
                owner: string | null;
                /** @description Containers and workloads that run it. */
                running: number;
                /** @description When it was made, or seen first. */
                since: string | null;
                /** @description Which of both: `created` or `first_seen`. */
                since_is: string;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_InventoryPart: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description What it is. */
                kind: string;
                /** @description Its name. */
                name: string;
                /** @description Who says so. */
                origin: string;
                /** @description Whether the relation points away from what was asked for. */
                outward: boolean;
                /** @description How: `runs_on`, `part_of`, `listens`, ... */
                relation: string;
                /** @description When it was said last. */
                seen: string;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_LayerCell: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description By when: a date, or `14 days`. */
                due: string | null;
                /** @description The thing. */
                entity: string;
                /** @description What is missing; nothing when all is said. */
                gap: string | null;
                /** @description The layer. */
                layer: string;
                /** @description Who patches it. */
                owner: string | null;
                /** @description What is patched there. */
                patches: string;
                /** @description Why that one. */
                reason: string | null;
                /** @description Whose side it is on. */
                side: components["schemas"]["LayerSide"];
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_Orphan: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description What it is. */
                kind: string;
                /** @description Its name. */
                name: string;
                /** @description Until when it had an owner, if it ever had one. */
                owned_until: string | null;
                /** @description Tables that its telemetry goes to. */
                sends: string[];
                /** @description When it was seen first. */
                since: string | null;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_Ownership: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description From when. */
                from: string;
                /** @description Which layer; empty for the whole. */
                layer: string;
                /** @description Who says so. */
                origin: string;
                /** @description Who. */
                owner: string;
                /** @description Until when; nothing while it is so. */
                until: string | null;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_Ran: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description What is known of it. */
                attributes: {
                    [key: string]: unknown;
                };
                /** @description What it is. */
                kind: string;
                /** @description Its name. */
                name: string;
                /** @description Whose it was. */
                owner: string | null;
                /** @description Why that is said. */
                reason: string | null;
                /** @description When it was seen last before the time asked for. */
                seen: string;
                /** @description Until when that holds; nothing when only its end says so. */
                until: string | null;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_Silent: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description What it is. */
                kind: string;
                /** @description Its name. */
                name: string;
                /** @description Whose it is. */
                owner: string | null;
                /** @description When it was seen last. */
                seen: string;
                /** @description Tables that its telemetry goes to. */
                sends: string[];
                /** @description When it was seen first. */
                since: string | null;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_SocketRow: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description What listens, where it is known. */
                executable: string | null;
                /** @description Whether other machines reach its address, as far as the host knows. */
                exposed: boolean;
                /** @description The host. */
                host: string;
                /** @description Whose the host is. */
                owner: string | null;
                /** @description When it was seen first. */
                since: string | null;
                /** @description `tcp/0.0.0.0:22`. */
                socket: string;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_SurfaceRow: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /** @description It grew beyond the factor over that median. */
                alarm: boolean;
                /** @description When. */
                at: string;
                /**
                 * Format: int64
                 * @description Open findings.
                 */
                findings: number;
                /**
                 * Format: int64
                 * @description Instances of services.
                 */
                instances: number;
                /**
                 * Format: double
                 * @description The median of the surfaces before it.
                 */
                median: number | null;
                /**
                 * Format: int64
                 * @description Sockets that other machines reach.
                 */
                sockets: number;
                /**
                 * Format: double
                 * @description The product of the three.
                 */
                surface: number;
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description A report: rows, how many there are, and what it was computed from. */
        Report_Unread: {
            /** @description The time that it is about. */
            at: string;
            /** @description How many rows there are, shown or not. */
            count: number;
            /** @description What it was computed from. */
            from: string[];
            /** @description As it was known at a time; nothing for all that is known. */
            known: string | null;
            /** @description Its name. */
            report: string;
            /** @description The rows. */
            rows: {
                /**
                 * Format: int64
                 * @description Bytes that it brought.
                 */
                bytes: number;
                /** @description Dataset. */
                dataset: string;
                /** @description Host, where it is told. */
                host: string | null;
                /** @description When a question found rows of it last. */
                last_query: string | null;
                /** @description When something came last. */
                last_received: string;
                /**
                 * Format: int64
                 * @description Rows that it brought.
                 */
                rows: number;
                /** @description `service.name`; empty when there is none. */
                service: string;
                /**
                 * @description Rules over its tables of which nobody can tell which rows they look at: statements in SQL, and searches that took
                 *     too long.
                 */
                statements: string[];
                /** @description Tables that it goes to. */
                tables: string[];
            }[];
            /** @description Sums and percentages over all rows. */
            totals: {
                [key: string]: number;
            };
            /** @description Whether there are more rows than are shown. */
            truncated: boolean;
        };
        /** @description Who must act. */
        Responsible: {
            /** @description Why that one. */
            because: string;
            /** @description The team. */
            team: string;
        };
        /** @description How many are sent again. */
        Retried: {
            /** Format: int64 */
            retried: number;
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
        /** @description What was taken back. */
        Revoked: {
            /** Format: int64 */
            id: number;
            /** @description Whether there was one. */
            revoked: boolean;
        };
        /** @description A right to take back. */
        RevokeParameters: {
            /** @description The team; `*` is the role in all of them. */
            team: string;
        };
        /** @description A thing, and its risk. */
        Risk: {
            alerts: number;
            entity: string;
            level: components["schemas"]["Level"] | null;
            /** Format: double */
            risk: number;
            team: string | null;
        };
        /** @description The riskiest things. */
        Risks: {
            /**
             * Format: double
             * @description From so much risk on an incident is opened.
             */
            bar: number;
            rows: components["schemas"]["Risk"][];
        };
        /** @description What is planned. */
        Roadmap: {
            /** @description Who hears soon of what restricts them. */
            ahead: components["schemas"]["Ahead"][];
            count: number;
            /** @description Files of knowledge that cannot be used, and why. */
            problems: string[];
            roadmap: components["schemas"]["Initiative"][];
            upgrades: components["schemas"]["Upgrade"][];
        };
        /**
         * @description What somebody may do in a team; each may also do what those before it may.
         * @enum {string}
         */
        Role: "viewer" | "responder" | "editor" | "admin";
        /** @description A route as it is listed. */
        Route: {
            /** @description `GET`, `POST`, `PUT`, or `*` for any. */
            method: string;
            /** @description What it needs. */
            need: string;
            /** @description Path, with names in braces. */
            path: string;
        };
        /** @description Routes. */
        Routes: {
            routes: components["schemas"]["Route"][];
        };
        /** @description A rule. */
        Rule: {
            aspect: components["schemas"]["Aspect"];
            id: string;
            kind: components["schemas"]["RuleKind"];
            level: components["schemas"]["Level"];
            /**
             * Format: int64
             * @description How often it was looked at since the start; over all datasets, so for those who may see all.
             */
            looked?: number;
            /**
             * Format: int64
             * @description How often it matched.
             */
            matched?: number;
            /** @description The name by which other rules refer to it. */
            name: string | null;
            /** @description File and line. */
            place: string;
            runbook: string | null;
            /** @description Such as `stable`, `test`, `experimental`. */
            status: string | null;
            /** @description How an operational rule is doing; for those who may see all datasets. */
            status_now?: components["schemas"]["OperationalNow"];
            tags: string[];
            title: string;
        };
        /**
         * @description What a rule looks at.
         * @enum {string}
         */
        RuleKind: "event" | "correlation" | "operational";
        /** @description A proposal with its numbers. */
        RuleProposal: {
            /** @description What. */
            advice: components["schemas"]["Advice"];
            /** @description Why, with the numbers. */
            why: string;
        };
        /** @description The rules in use. */
        Rules: {
            count: number;
            /**
             * Format: int64
             * @description How often the rules were read again.
             */
            read_again: number;
            /** @description What cannot be used, each with its place and why. */
            refused: string[];
            rules: components["schemas"]["Rule"][];
        };
        /** @description What became of a rule's alerts for one team. */
        RuleScore: {
            /**
             * Format: int64
             * @description Alerts that somebody did something with.
             */
            acted: number;
            /**
             * Format: int64
             * @description Alerts.
             */
            alerts: number;
            /**
             * Format: int64
             * @description Resolved as meant to be.
             */
            benign: number;
            /**
             * Format: int64
             * @description Resolved as what the rule says.
             */
            confirmed: number;
            /**
             * Format: int64
             * @description Resolved as wrong.
             */
            false: number;
            /**
             * Format: int64
             * @description How often it fired, with the repeats that rolled up.
             */
            fired: number;
            /**
             * Format: int64
             * @description Alerts that nobody did anything with until they were over.
             */
            ignored: number;
            /** @description The worst that it said. */
            level: components["schemas"]["Level"];
            /**
             * Format: double
             * @description Half of those acted on were so within this time, in seconds.
             */
            median_seconds_to_acknowledge: number | null;
            /**
             * Format: int64
             * @description Minutes that playbooks saved.
             */
            minutes_saved: number;
            /**
             * Format: int64
             * @description Alerts of which people were told one by one.
             */
            notified: number;
            proposal: components["schemas"]["RuleProposal"] | null;
            /** @description The rule. */
            rule: string;
            /**
             * Format: int64
             * @description How often it fired and was hidden.
             */
            suppressed: number;
            /** @description The team; empty for what nobody owns. */
            team: string;
            /** @description Its title. */
            title: string;
        };
        /** @description What came of rules. */
        RulesLedger: {
            budget: components["schemas"]["NoticeBudget"];
            count: number;
            /** Format: int32 */
            days: number;
            /**
             * Format: int64
             * @description Minutes that playbooks saved.
             */
            minutes_saved: number;
            rows: components["schemas"]["RuleScore"][];
        };
        /** @description What came of reading the rules again. */
        RulesReloaded: {
            /** @description What is there that was not. */
            added: components["schemas"]["RuleTold"][];
            /** @description What has another text: it begins anew. */
            changed: components["schemas"]["RuleTold"][];
            /** @description Correlations that were loaded. */
            correlations: number;
            /** @description Detection works with them already; else it will when it has done what it is at. */
            in_force: boolean;
            /** @description Operational rules that were loaded. */
            operational: number;
            /** @description What is not used, each with its place and why. */
            refused: string[];
            /** @description What is not there any more. */
            removed: components["schemas"]["RuleTold"][];
            /** @description Rules over single events that were loaded. */
            rules: number;
            /** @description Lists have only their beginnings. */
            truncated: boolean;
            /** @description How many are as they were: their windows go on. */
            unchanged: number;
        };
        /** @description A rule of a list. */
        RuleTold: {
            /** @description Its id. */
            id: string;
            /** @description Where it stands, or stood. */
            place: string;
            /** @description Its title. */
            title: string;
        };
        /** @description A page that is laid beside an alert or an incident. */
        RunbookBeside: {
            /**
             * Format: int32
             * @description How often it helped with alerts of this rule.
             */
            helped: number;
            /** @description Where to read it. */
            link: string | null;
            /** @description Its id. */
            page: string;
            /** Format: double */
            score: number;
            title: string;
            why: components["schemas"]["RunbookWhy"];
        };
        /**
         * @description Why a page is attached, the best reason first.
         * @enum {string}
         */
        RunbookWhy: "link" | "rule" | "alert_name" | "technique" | "service" | "text";
        /** @description How a drill is run. */
        Running: {
            /** @description `tabletop` (questions, and nothing is looked at) or `probes`. */
            mode: string;
            /** @description The team that answers for it, where the file does not say it. */
            owner?: string | null;
            /** @description What it is about, where the file does not say it: `service:checkout`. */
            service?: string | null;
        };
        /** @description What became of a SARIF log. */
        SarifKept: {
            /** @description `sarif`. */
            document: string;
            /**
             * Format: int64
             * @description Findings in all runs.
             */
            facts: number;
            /**
             * Format: int64
             * @description What is new, back or fixed.
             */
            new: number;
            /** @description What was left out, and why. */
            notes: string[];
            runs: components["schemas"]["SarifRun"][];
        };
        /** @description What became of one tool's run. */
        SarifRun: components["schemas"]["Scanned"] & {
            category: string;
            entity: string;
            tool: string;
        };
        /**
         * @description What is said.
         * @enum {string}
         */
        Say: "helped" | "hurt" | "question" | "exception";
        /** @description What is said of a step. */
        Saying: {
            /**
             * @description What came of it, or the answer at the table. It names systems rather than persons.
             * @default
             */
            said: string;
        };
        /** @description What became of the result of a scan. */
        ScanKept: components["schemas"]["Scanned"] & {
            /** @description What became of the components, when they were sent with it. */
            components?: components["schemas"]["ComponentsKept"];
        };
        /** @description What became of a report. */
        Scanned: {
            /**
             * Format: int64
             * @description Those that had been fixed.
             */
            back: number;
            /**
             * Format: int64
             * @description Those that are gone by it.
             */
            fixed: number;
            /**
             * Format: int64
             * @description Findings that it has.
             */
            found: number;
            /**
             * Format: int64
             * @description The scan, by its id.
             */
            id: number;
            /** @description A newer scan was told before; it is kept, and changes nothing. */
            late: boolean;
            /**
             * Format: int64
             * @description Those that were never seen before.
             */
            new: number;
            /** @description It was told before; nothing was written. */
            repeated: boolean;
            /**
             * Format: int64
             * @description Those that it does not have and could not judge: it was incomplete, did not ask their rule, or did not look there.
             */
            unjudged: number;
        };
        /** @description A scan as it is cited. */
        ScanRef: {
            /** @description When it ran. */
            at: string;
            /** @description The branch. */
            branch: string | null;
            /** @description The commit. */
            commit: string | null;
            /**
             * Format: int64
             * @description Its id.
             */
            id: number;
            /** @description The pipeline. */
            pipeline: string | null;
            /** @description The tool. */
            tool: string;
            /** @description The version. */
            version: string | null;
        };
        /** @description The end of a search. */
        SearchDone: {
            /**
             * Format: int64
             * @description Rows that matched, when they were counted.
             */
            matched: number | null;
            /**
             * Format: int64
             * @description Bytes of files and memory that were read; nothing for who does not see every dataset.
             */
            read_bytes: number | null;
            /**
             * Format: int64
             * @description Rows that were answered.
             */
            rows: number;
            /**
             * Format: int64
             * @description How long it took.
             */
            took_ms: number;
            /** @description Whether a bound of the server cut the answer. */
            truncated: boolean;
        };
        /** @description A line of the answer. */
        SearchLine: {
            /** @description First, when the search has pipes: the columns of its rows. */
            columns: components["schemas"]["Column"][];
        } | {
            /** @description A row. */
            row: components["schemas"]["EventRow"];
        } | {
            /** @description The histogram so far. */
            histogram: components["schemas"]["Bars"];
        } | {
            /** @description What went wrong on the way: nothing follows. */
            error: components["schemas"]["ErrorBody"];
        } | {
            /** @description Last. */
            done: components["schemas"]["SearchDone"];
        };
        /** @description The points of a group. */
        Series: {
            /** @description The fields that were grouped by. */
            labels: {
                [key: string]: string | null;
            };
            /** @description Start of the step, and the value. */
            points: [
                string,
                number | null
            ][];
        };
        /** @description The settings in use. A new one is not shown, until somebody puts it here. */
        Settings: {
            /** @description Names of the channels of notices. */
            channels: string[];
            http_listen: string | null;
            insecure: boolean;
            /** @description `sqlite` or `postgresql`. */
            ledger: string;
            memory_bytes: number;
            otlp_grpc_listen: string | null;
            otlp_http_listen: string | null;
            query_memory_bytes: number;
            /** Format: double */
            query_timeout_seconds: number;
            /** @description Secrets in events are masked. */
            redact: boolean;
            /** Format: int64 */
            retention_bytes: number | null;
            /** Format: int64 */
            retention_seconds: number | null;
            single_sign_on: boolean;
            syslog_listen: string | null;
            tls: boolean;
            version: string;
            webhooks: components["schemas"]["WebhooksTaken"];
        };
        /** @description The answer to a statement as JSON. An error on the way stands in `error`, in place of `truncated` and `took_ms`. */
        SqlAnswer: {
            columns: components["schemas"]["Column"][];
            error?: components["schemas"]["ErrorBody"];
            /**
             * Format: int64
             * @description Bytes of events that were read; nothing for who does not see every dataset.
             */
            read_bytes: number | null;
            /** Format: int64 */
            row_count: number;
            /** @description Rows in the order of the columns; a cell is whatever its type has. */
            rows: unknown[][];
            /** Format: int64 */
            took_ms?: number;
            /** @description Whether a bound of the server cut the rows. */
            truncated?: boolean;
        };
        /** @description The server in numbers. */
        Status: {
            /** @description What compaction is at. */
            compaction: string;
            /** @description Bytes of requests in flight. */
            in_flight_bytes: number;
            /** @description By door; of all datasets together, so for those who may see all. */
            ingest: components["schemas"]["DoorCounts"][] | null;
            /**
             * Format: int64
             * @description Rows that are in memory alone.
             */
            pending_flush: number;
            /**
             * Format: int64
             * @description Files that were set aside because they are damaged.
             */
            quarantined: number;
            /** @description Whether requests are taken. */
            ready: boolean;
            store: components["schemas"]["StoreStats"] | null;
            /** @description Live tails. */
            tails: number;
            /** Format: double */
            uptime_seconds: number;
            version: string;
        };
        /** @description Whether all was well from then on. */
        Steady: {
            at: string;
            holds: boolean;
        };
        /** @description A step that was done. */
        StepDone: {
            at: string;
            said: string;
        };
        /** @description The store in numbers. */
        StoreStats: {
            /**
             * Format: int64
             * @description Requests refused because the store was busy.
             */
            busy: number;
            /** @description Commits by latency, not cumulative; the last bucket is open. */
            commit_buckets: number[];
            /**
             * Format: double
             * @description Seconds spent in commits.
             */
            commit_seconds: number;
            /**
             * Format: int64
             * @description Commits since the start.
             */
            commits: number;
            /** @description `running` or `idle`. */
            compaction: string;
            /**
             * Format: int64
             * @description Merges of files.
             */
            compactions: number;
            /**
             * Format: int64
             * @description Retries recognised.
             */
            duplicates: number;
            /**
             * Format: int64
             * @description Files removed by retention.
             */
            expired_files: number;
            /**
             * Format: int64
             * @description Rows removed by retention.
             */
            expired_rows: number;
            /**
             * Format: int64
             * @description Commits that failed.
             */
            failed_commits: number;
            /**
             * Format: int64
             * @description Flushes that failed.
             */
            failed_flushes: number;
            /**
             * Format: int64
             * @description Flushes.
             */
            flushes: number;
            /** @description Whether rows are being written to files. */
            flushing: boolean;
            /**
             * Format: int64
             * @description Bytes of flushed rows that queries have still to read.
             */
            lingering_bytes: number;
            /**
             * Format: int64
             * @description Bytes of the log.
             */
            log_bytes: number;
            /**
             * Format: int64
             * @description Bytes of all memory tables.
             */
            memory_bytes: number;
            /**
             * Format: int64
             * @description Damaged things moved aside since the start.
             */
            quarantined: number;
            /**
             * Format: int64
             * @description Queries.
             */
            queries: number;
            /**
             * Format: int64
             * @description Bytes waiting for the log.
             */
            queue_bytes: number;
            /**
             * Format: int64
             * @description Retry keys forgotten before their time.
             */
            retry_keys_dropped: number;
            /**
             * Format: int64
             * @description Last visible commit.
             */
            sequence: number;
            /** @description By table name. */
            tables: {
                [key: string]: components["schemas"]["TableStats"];
            };
        };
        /** @description What a service sends by one door. */
        Stream: {
            /** Format: int64 */
            bytes: number;
            dataset: string;
            /** @description When a question last found rows of it. */
            last_query: string | null;
            last_received: string;
            /** Format: int64 */
            rows: number;
            /** @description Empty when there is none. */
            service: string;
            /** @description The door. */
            source: string;
            tables: string[];
        };
        /** @description Streams. */
        Streams: {
            streams: components["schemas"]["Stream"][];
        };
        /** @description What hides a finding, by its end. */
        Suppressed: components["schemas"]["Hiding"] & {
            /** @description How to answer it at a command line. */
            answer_with?: string;
            /**
             * Format: int64
             * @description The decision that hides it; nothing when that is said where the code is.
             */
            decision: number | null;
            /** @description Until when. */
            ends: string;
            /** @description That was before the time that was asked for: it hides no more. */
            expired: boolean;
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
        /** @description Findings, why they may stay for now, and until when. */
        SuppressingFindings: {
            /** @description They are of this side branch. */
            branch?: string | null;
            /** @description The control that it is about; for each finding the one behind its rule when absent. */
            control?: string | null;
            /** @description The findings, by their ids; at most 500. */
            findings: number[];
            /** @description The caller's own id: told twice it is one. */
            idempotency_key?: string | null;
            /** @description The team that answers for it. */
            owner: string;
            /** @description Why. */
            reason: string;
            /** @description When it ends; after 30 days when absent, after 90 at most. */
            until?: string | null;
        };
        /** @description The suppression that was made. */
        SuppressionMade: {
            suppression: components["schemas"]["QueueRow"] | null;
        };
        /** @description A change that may be to blame. */
        Suspect: {
            /** @description When. */
            at: string;
            /** @description What was changed. */
            entity: string;
            /**
             * Format: int64
             * @description The change, by its id.
             */
            id: number;
            /** @description What kind of change. */
            kind: string;
            /** @description Why, in words. */
            reasons: string[];
            /**
             * Format: double
             * @description How likely, beside the others; 1 is a change of the thing itself in that moment.
             */
            score: number;
            /** @description The version that came. */
            version: string | null;
        };
        /** @description Changes that may be to blame. */
        Suspects: {
            at: string;
            entity: string;
            suspects: components["schemas"]["Suspect"][];
        };
        /** @description A table in numbers. */
        TableStats: {
            /**
             * Format: int64
             * @description Bytes of event files, index included.
             */
            file_bytes: number;
            /**
             * Format: int64
             * @description Event files.
             */
            files: number;
            /**
             * Format: int64
             * @description Bytes of the sidecars.
             */
            index_bytes: number;
            /**
             * Format: int64
             * @description Bytes in memory.
             */
            memory_bytes: number;
            /**
             * Format: int64
             * @description Rows in memory.
             */
            memory_rows: number;
            /**
             * Format: int64
             * @description Least timestamp in files.
             */
            oldest: number | null;
            /**
             * Format: int64
             * @description Bytes taken since the start, as batches.
             */
            received_bytes: number;
            /**
             * Format: int64
             * @description Rows taken since the start.
             */
            received_rows: number;
            /**
             * Format: int64
             * @description All rows, in files and in memory.
             */
            rows: number;
        };
        /** @description An event: its name and its data. */
        TailEvent: {
            /** @description A row. */
            data: components["schemas"]["EventRow"];
            /** @enum {string} */
            event: "row";
        } | {
            /** @description Rows that this listener was too slow for. */
            data: components["schemas"]["Dropped"];
            /** @enum {string} */
            event: "dropped";
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
        /** @description What happened to it. */
        TimelineRow: {
            /**
             * Format: int64
             * @description To what: itself, or one of its parts.
             */
            about: number;
            at: string;
            /**
             * Format: int64
             * @description The decision behind it.
             */
            by: number | null;
            /** Format: int64 */
            decision: number | null;
            detail: string | null;
            /**
             * Format: int64
             * @description Of anything else, a number that belongs to it.
             */
            number: number | null;
            /**
             * Format: int64
             * @description Whom it names, as a number.
             */
            person: number | null;
            reason: string | null;
            /** @description Of a state, until when. */
            until: string | null;
            /** @description To what it was moved. */
            value: string;
            /** @description What was moved, such as `state`. */
            what: string;
        };
        /** @description A token, without its secret. */
        Token: {
            created: string;
            /** @description What its events are stamped with, when it sends. */
            dataset: string;
            expires: string | null;
            grants: components["schemas"]["Grant"][];
            /** Format: int64 */
            id: number;
            /** @description `api` asks and acts, `ingest` sends. */
            kind: string;
            name: string;
            /** @description Whoever made it is kept out, and it with them. */
            resting: boolean;
            revoked: string | null;
            /** @description When it was last used, to the hour. */
            used: string | null;
        };
        /** @description The token that was made. */
        TokenMade: {
            expires: string | null;
            /** Format: int64 */
            id: number;
            /** @description It is answered once. */
            token: string;
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
        /** @description Tokens. */
        Tokens: {
            tokens: components["schemas"]["Token"][];
        };
        /** @description What is stored of a trace. */
        Trace: {
            logs: components["schemas"]["EventRow"][];
            /**
             * Format: int64
             * @description Bytes of files and memory that were read; nothing for who does not see every dataset.
             */
            read_bytes: number | null;
            spans: components["schemas"]["EventRow"][];
            /**
             * Format: int64
             * @description How long it took.
             */
            took_ms: number;
            trace_id: string;
            /** @description Whether there was more than may be answered. */
            truncated: boolean;
        };
        /** @description What nobody asks for, and what rules read of it. */
        UnreadReport: components["schemas"]["Report_Unread"] & {
            /** @description Streams that nobody asks for and rules read. */
            read_by_rules: components["schemas"]["ReadByRules"][];
        };
        /** @description An upgrade of a component, an agent or a platform. */
        Upgrade: {
            /** @description How to go back. */
            back: string;
            /** @description What is upgraded: a package URL without its version, or an entity such as `service:ingress`. */
            component: string;
            /** @description Why, for operations. */
            for_operations: string;
            /** @description Why, for security. */
            for_security: string;
            /** @description The window, first day. */
            from: string;
            /** @description From this version; any when nobody says. */
            from_version: string | null;
            /** @description The file's stem. */
            id: string;
            /** @description Until then whoever is affected may object. Nobody has to sign. */
            objections_until: string;
            /** @description The team that does it. */
            owner: string;
            /**
             * Format: int32
             * @description So long it is watched in one place before it goes to all.
             */
            soak_days: number;
            /** @description It in a sentence. */
            title: string;
            /** @description To this version. */
            to_version: string;
            /** @description The window, last day. */
            until: string;
        };
        /** @description Errors of a host before and after an upgrade. */
        UpgradeOutcome: {
            /**
             * Format: double
             * @description After.
             */
            after: number | null;
            /**
             * Format: double
             * @description Errors a thousand records, before.
             */
            before: number | null;
            /** @description The host; a service when nothing says where it runs. */
            place: string;
            /** @description What follows from it. */
            verdict: string;
        };
        /** @description What an upgrade touches. */
        UpgradeTouched: {
            /** @description When it may go to all: after the soak of the first place. */
            everywhere_from: string;
            /** @description What has the component now, in the version it comes from. */
            has: string[];
            /** @description Hosts that have it. */
            hosts: string[];
            /** @description Objections so far. */
            objections: components["schemas"]["Objection"][];
            /** @description What else happens in the window. */
            overlaps: components["schemas"]["Overlap"][];
            /** @description Services that run with it, each with its owner. */
            services: {
                [key: string]: string | null;
            };
            /** @description The upgrade. */
            upgrade: components["schemas"]["Upgrade"];
        };
        /** @description An upgrade, and what it touches. */
        UpgradeWhole: components["schemas"]["UpgradeTouched"] & {
            /** @description Errors before and after, by host, once it began. */
            outcome?: components["schemas"]["UpgradeOutcome"][];
        };
        /** @description A user. */
        User: {
            created: string;
            /** @description Kept out. */
            disabled: boolean;
            grants: components["schemas"]["Grant"][];
            /** Format: int64 */
            id: number;
            /** @description Nothing when the name was erased. */
            login: string | null;
            /** @description Whether there is a password. */
            password: boolean;
            single_sign_on: boolean;
        };
        /** @description Whether a user is kept out now. */
        UserDisabled: {
            disabled: boolean;
            /** Format: int64 */
            id: number;
        };
        /** @description The user that was made. */
        UserMade: {
            /** Format: int64 */
            id: number;
            login: string;
            /** @description When it was generated; it is answered once. */
            password: string | null;
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
        /** @description Users. */
        Users: {
            users: components["schemas"]["User"][];
        };
        /** @description Something that can be chosen: `$name` in the panels' queries. */
        Variable: {
            /** @description What is chosen at first; everything when absent. */
            default: string | null;
            /** @description The field whose values are offered. */
            field: string;
            /** @description Its name on the page. */
            label: string;
            /** @description Its name in queries. */
            name: string;
            /** @description The table whose values are offered. */
            table: string;
        };
        /** @description Verdicts on all questions. */
        Verdicts: {
            /** @description The worst. */
            answer: components["schemas"]["CheckAnswer"];
            at: string;
            /** @description A control that is enforced says so. */
            stopped: boolean;
            verdicts: components["schemas"]["VerdictTold"][];
        };
        /** @description A verdict. */
        VerdictTold: components["schemas"]["CheckVerdict"] & {
            /** @description Commands that answer it. */
            answer_with: string[];
            /**
             * Format: int64
             * @description Its decision, when it was kept.
             */
            id: number | null;
            markdown: string;
            /** @description For a terminal. */
            text: string;
        };
        /** @description From whom webhooks are taken. */
        WebhooksTaken: {
            github: boolean;
            gitlab: boolean;
        };
        /** @description All that is known of what has a name. */
        WhyAnswer: {
            at: string;
            findings: components["schemas"]["FindingWhy"][];
            /** @description What has a component of that name. */
            holders: components["schemas"]["Holder"][];
            /** @description What was asked for. */
            id: string;
        };
        /** @description What is held, and what was done since the windows were made (or since the beginning, when restored). */
        WindowStats: {
            /**
             * Format: int64
             * @description Bytes held, about as a snapshot has them.
             * @default 0
             */
            bytes: number;
            /**
             * Format: int64
             * @description Bytes of copies held.
             * @default 0
             */
            copy_bytes: number;
            /**
             * Format: int64
             * @description Copies of events that went before their windows were over: alerts name these events by id alone.
             * @default 0
             */
            dropped_copies: number;
            /**
             * Format: int64
             * @description Those of an event that was there already.
             * @default 0
             */
            duplicates: number;
            /**
             * Format: int64
             * @description Events held.
             * @default 0
             */
            entries: number;
            /**
             * Format: int64
             * @description Events that went before their windows were over.
             * @default 0
             */
            evicted_entries: number;
            /**
             * Format: int64
             * @description Keys that went before their windows were over.
             * @default 0
             */
            evicted_keys: number;
            /**
             * Format: int64
             * @description Keys of a snapshot whose rule has changed or is gone.
             * @default 0
             */
            forgotten_keys: number;
            /**
             * Format: int64
             * @description Matches that came.
             * @default 0
             */
            hits: number;
            /**
             * Format: int64
             * @description Keys held.
             * @default 0
             */
            keys: number;
            /**
             * Format: int64
             * @description Those too late for their window; of plain rules they are told all the same.
             * @default 0
             */
            late: number;
            /**
             * Format: int64
             * @description Alerts told, each telling counted.
             * @default 0
             */
            told: number;
            /**
             * Format: int64
             * @description Those without a value for a field that is grouped by.
             * @default 0
             */
            ungrouped: number;
            /**
             * Format: int64
             * @description Those without a (numeric) value of what is measured.
             * @default 0
             */
            unmeasured: number;
        };
        /** @description Something that a team should hear of. `tandem` puts it into the outbox. */
        Word: {
            /** @description Who may see it. */
            dataset: string;
            /** @description Told twice under the same key it is one notice. */
            key: string;
            /** @description `answer`, `question`, `reply`, `ending`, `lockdown`. */
            kind: string;
            /** @description It is told to everybody who hears anything, as nobody may miss it. */
            loud: boolean;
            /** @description The team. */
            team: string;
            /** @description What more there is to say, as lines. */
            text: string;
            /** @description One line. */
            title: string;
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
