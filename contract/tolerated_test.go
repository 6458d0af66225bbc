package contract

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// difference is a known difference between the document and the service. The facts about the API,
// which number the contradictions of their sources, decide for the service.
type difference struct {
	fact  string // D-n: a numbered disagreement; §n: a section of the facts
	kinds []clusterKind
	side  side
	at    string
	rule  string
	why   string
}

var (
	everywhere = []clusterKind{cluster, serverless, legacyCluster, flexCluster}
	cloud      = []clusterKind{cluster, serverless}
)

// tolerated has every allowed difference. Each must occur in every kind that it names; otherwise
// it must be removed.
var tolerated = []difference{
	{"§0.4", everywhere, request, "pretty", "query", "the document was transformed for a client generator, which removed the parameter"},
	{"§1.4", everywhere, request, "Accept", "later", "a later date gets the newest version that is not later"},
	{"§1.4", everywhere, request, "Content-Type", "later", "a body is accepted under the requested date"},
	{"D-30", cloud, response, "/desiredTimestamp/date", "nullable", "null on jobs that go to no point in time"},
	{"D-30", cloud, response, "/desiredTimestamp/increment", "nullable", "null on jobs that go to no point in time"},
	{"D-30", cloud, response, "/desiredTimestamp/time", "properties", "on the wire, in no document"},
	{"D-5", cloud, response, "/desiredTimestamp/increment", "minimum", "a minimum meant for seconds"},
	{"D-5", []clusterKind{legacyCluster}, response, "/timestamp/increment", "minimum", "a minimum meant for seconds"},
	{"D-34", []clusterKind{legacyCluster}, request, "/oplogTs", "pattern", "escaped twice: it refuses every date"},
	{"§2.3", cloud, response, "/targetDeploymentItemName", "properties", "on the wire, in no schema of these jobs"},
	{"§2.3", []clusterKind{cluster}, response, "/components/*/downloadUrl", "nullable", "null until the file exists"},
	{"§2.3", []clusterKind{cluster}, response, "/oplogTs", "minimum", "42 in the document's own example, which the test server has"},
	{"§2.3", []clusterKind{cluster}, response, "/pointInTimeUTCSeconds", "minimum", "42 in the document's own example, which the test server has"},
	{"§1.4", everywhere, response, "GET 406", "status", "the response to an Accept without a version"},
	{"§8.3", []clusterKind{cluster}, response, "GET 400", "status", "the response to a query or a cluster of the wrong kind"},
	{"§8.3", everywhere, response, "GET 410", "status", "the response when a version is no longer served"},
	{"§8.3", everywhere, response, "GET 503", "status", "declared for the whole API, not for these operations"},
}

// unseen is a property that the traffic of the tests cannot contain, and why.
type unseen struct {
	fact        string
	clusterKind clusterKind
	side        side
	at          string
	why         string
}

var neverSeen = []unseen{
	{"D-21", legacyCluster, request, "/delivery/targetClusterId", "the library names a target of Atlas by its name"},
	{"D-21", legacyCluster, response, "/delivery/targetClusterId", "the response repeats the name"},
	{"§2.1", legacyCluster, response, "/deploymentJobId", "only on restores from an imported snapshot"},
	{"§2.1", legacyCluster, response, "/masterKeyUUID", "only on encrypted data"},
	{"§2.1", legacyCluster, response, "/hashes/*/links", "in the schema, never seen"},
	{"§2.1", legacyCluster, response, "/hashes/*/links/*/href", "in the schema, never seen"},
	{"§2.1", legacyCluster, response, "/hashes/*/links/*/rel", "in the schema, never seen"},
	{"§2.5", flexCluster, response, "/links", "in the schema, absent on the wire"},
	{"§2.5", flexCluster, response, "/links/*/href", "in the schema, absent on the wire"},
	{"§2.5", flexCluster, response, "/links/*/rel", "in the schema, absent on the wire"},
	{"§2.5", flexCluster, response, "/snapshotUrl", "only on downloads, which another operation starts (D-32)"},
	{"§2.3", serverless, response, "/links", "in the schema, absent in the documents' example"},
	{"§2.3", serverless, response, "/links/*/href", "in the schema, absent in the documents' example"},
	{"§2.3", serverless, response, "/links/*/rel", "in the schema, absent in the documents' example"},
}

func (e difference) matches(f finding) bool {
	return slices.Contains(e.kinds, f.clusterKind) && e.side == f.side && e.at == f.at && e.rule == f.rule
}

// ledger records the differences and the properties that occurred.
type ledger struct {
	tolerated []difference

	mu       sync.Mutex
	met      map[string]bool
	seen     map[string]bool
	reported map[string]bool
	n        int // exchanges
}

func newLedger(tolerated []difference) *ledger {
	return &ledger{
		tolerated: tolerated,

		met:      map[string]bool{},
		seen:     map[string]bool{},
		reported: map[string]bool{},
	}
}

// report fails the test once for each finding that is not tolerated.
func (l *ledger) report(t *testing.T, name string, found []finding) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	for _, f := range found {
		if i := slices.IndexFunc(l.tolerated, func(e difference) bool { return e.matches(f) }); i >= 0 {
			l.met[meeting(i, f.clusterKind)] = true
			continue
		}
		if once := name + f.String(); !l.reported[once] {
			l.reported[once] = true
			t.Errorf("%s: %s", name, f)
		}
	}
}

func meeting(entry int, p clusterKind) string { return fmt.Sprintf("%d %s", entry, p) }

// untolerated returns the findings that are not in the table.
func untolerated(found []finding) []finding {
	return slices.DeleteFunc(slices.Clone(found), func(f finding) bool {
		return slices.ContainsFunc(tolerated, func(e difference) bool { return e.matches(f) })
	})
}

func location(p clusterKind, s side, at string) string { return fmt.Sprintf("%s %s %s", p, s, at) }

// recordSeen records the properties of a request, a job or each job of a list.
func (l *ledger) recordSeen(p clusterKind, s side, value any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	start := ""
	if doc, ok := value.(map[string]any); ok && doc["results"] != nil {
		start = "/results"
		value = doc["results"]
	}
	walk(start, value, func(at string) { l.seen[location(p, s, strings.TrimPrefix(at, "/results/*"))] = true })
}

// walk visits every property of a JSON value.
func walk(at string, value any, visit func(at string)) {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			visit(at + "/" + name)
			walk(at+"/"+name, inner, visit)
		}
	case []any:
		for _, inner := range value {
			walk(at+"/*", inner, visit)
		}
	}
}

// checkTolerated fails the test for differences that did not occur.
func (l *ledger) checkTolerated(t *testing.T) {
	t.Helper()
	for i, e := range l.tolerated {
		for _, p := range e.kinds {
			if !l.met[meeting(i, p)] {
				t.Errorf("tolerated but did not occur: %s %s %s %s %s", e.fact, p, e.side, e.at, e.rule)
			}
		}
	}
}

// checkTables fails the test for unused entries of both tables, and for properties that did not
// occur.
func (l *ledger) checkTables(t *testing.T, d *document) {
	t.Helper()
	l.checkTolerated(t)
	excused := map[string]bool{}
	for _, u := range neverSeen {
		at := location(u.clusterKind, u.side, u.at)
		excused[at] = true
		if l.seen[at] {
			t.Errorf("seen after all: %s %s", u.fact, at)
		}
	}
	locations := d.locations()
	seen := 0
	for _, at := range locations {
		if l.seen[at] {
			seen++
		} else if !excused[at] {
			t.Errorf("never seen in the traffic: %s", at)
		}
		delete(excused, at)
	}
	for at := range excused {
		t.Errorf("not in the document: %s", at)
	}
	t.Logf("%d exchanges, %d of %d properties seen", l.n, seen, len(locations))
}
