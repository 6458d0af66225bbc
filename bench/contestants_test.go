package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every contestant hands over a job of its own with each value of the response.
func TestContestants_deliverCompleteJobs(t *testing.T) {
	t.Parallel()
	withoutField := map[string][]string{
		atlasName: {"targetDeploymentItemName"},
		sdkName:   {"targetDeploymentItemName"},
	}
	for _, c := range contest {
		missing := map[string]bool{}
		for _, g := range c.reads {
			for _, size := range sizes {
				for i, d := range deliveredBy(t, c, g, size) {
					if d.id != jobID(i%shapes) {
						t.Errorf("%s, %s: job %d is %s", c.name, g, i%shapes, d.id)
					}
					missingValues(t, appendJob(nil, g, size, i%shapes), d.job, missing)
				}
			}
		}
		if got := slices.Sorted(maps.Keys(missing)); !slices.Equal(got, withoutField[c.name]) {
			t.Errorf("%s: the jobs lack %q, want %q", c.name, got, withoutField[c.name])
		}
	}
}

// deliveredBy gets a job of each shape, and then lists them.
func deliveredBy(t *testing.T, c contestant, g generation, size bodySize) []deliveredJob {
	t.Helper()
	api, err := c.open(g, offlineBase, newOffline(pageSize, size))
	if err != nil {
		t.Fatal(err)
	}
	var all []deliveredJob
	for i := range shapes {
		got, err := api.get(t.Context(), jobID(i))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got)
	}
	if _, err := api.list(t.Context(), 1, pageSize, func(d deliveredJob) { all = append(all, d) }); err != nil {
		t.Fatal(err)
	}
	return all[:2*shapes]
}

// missingValues collects the fields of a body whose value the delivered job lacks.
func missingValues(t *testing.T, body []byte, job any, missing map[string]bool) {
	t.Helper()
	var text string
	if j, isHand := job.(*handRestore); isHand {
		text = fmt.Sprintf("%+v %v", *j, []time.Time{j.created, j.expires, j.finished, j.expiresAt, j.timestamp})
	} else {
		encoded, err := json.Marshal(job)
		if err != nil {
			t.Fatal(err)
		}
		text = string(encoded)
	}
	var fields any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	eachLeaf("", fields, func(name, value string) {
		if strings.Contains(text, value) {
			return
		}
		if at, err := time.Parse(time.RFC3339, value); err == nil && strings.Contains(text, at.String()) {
			return
		}
		missing[name] = true
	})
}

// eachLeaf calls f for each text and number in a decoded value.
func eachLeaf(name string, value any, f func(name, value string)) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			eachLeaf(key, inner, f)
		}
	case []any:
		for _, inner := range v {
			eachLeaf(name, inner, f)
		}
	case string:
		f(name, v)
	case float64:
		f(name, fmt.Sprint(v))
	}
}
