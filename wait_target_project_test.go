package restorejobs_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// A status of two clusters, in which only the process of the first is at the goal.
const twoClusters = `{"goalVersion":8,"processes":[
	{"hostname":"db1.example.net","name":"p1","lastGoalVersionAchieved":8},
	{"hostname":"db9.example.net","name":"p9","lastGoalVersionAchieved":3}]}`

// hostsNamed is a list of hosts in one replica set.
func hostsNamed(replicaSet string, names ...string) string {
	var entries []string
	for _, name := range names {
		entries = append(entries, fmt.Sprintf(`{"id":%q,"hostname":"%s.example.net","port":27017,"replicaSetName":%q,"typeName":"REPLICA_PRIMARY"}`, name, name, replicaSet))
	}
	return `{"results":[` + strings.Join(entries, ",") + `]}`
}

// The processes of the target count, or those of the whole project if they are not known.
func TestWait_targetProcesses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hosts string
		isOne bool
	}{
		"of the target":       {hostsNamed("rs7", "db1"), true},
		"in other letters":    {hostsNamed("rs7", "DB1"), true},
		"a host is not used":  {strings.Replace(hostsNamed("rs7", "db1", "db2"), `"hostname":"db2`, `"deactivated":true,"hostname":"db2`, 1), true},
		"no hosts":            {`{"results":[]}`, false},
		"not an object":       {`{"results":[7]}`, false},
		"a host has no name":  {strings.Replace(hostsNamed("rs7", "db1"), `]`, `,{"id":"2","port":27017}]`, 1), false},
		"other names":         {hostsNamed("rs7", "alias1"), false},
		"a host is unmatched": {hostsNamed("rs7", "db1", "db2"), false},
		"refused":             {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &scriptedTarget{
					job:    jobCreatedAt(time.Now().Add(-time.Hour)),
					status: func(int) string { return twoClusters },
					hosts:  map[string]string{"t": test.hosts},
				}
				if test.hosts == "" {
					s.hosts["t"] = `{"error":403,"errorCode":"USER_UNAUTHORIZED"}`
				}
				_, last, err := s.wait(t, restorejobs.WaitOptions{})
				if test.isOne {
					require.NoError(t, err)
					assert.Len(t, last.Processes, 1)
					return
				}
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Len(t, last.Processes, 2)
				assert.Equal(t, 1, last.Remaining)
			})
		})
	}
}

// Hosts that match no process are read once more.
func TestWait_targetHostsReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scriptedTarget{job: jobCreatedAt(time.Now().Add(-time.Hour)), hosts: map[string]string{"t": hostsNamed("rs7", "alias1")}}
		s.status = func(n int) string {
			if n == 2 {
				s.hosts["t"] = hostsNamed("rs7", "db1")
			}
			return twoClusters
		}
		_, last, err := s.wait(t, restorejobs.WaitOptions{})
		require.NoError(t, err)
		assert.Len(t, last.Processes, 1)
	})
}

// A port tells two processes of one host apart, if the status has one.
func TestWait_targetPorts(t *testing.T) {
	t.Parallel()
	const status = `{"goalVersion":8,"processes":[
		{"hostname":"db1.example.net","name":"p1","lastGoalVersionAchieved":8%s},
		{"hostname":"db1.example.net","name":"p9","lastGoalVersionAchieved":3%s}]}`
	for want, ports := range map[int][]any{1: {`,"port":27017`, `,"port":27018`}, 2: {"", ""}} {
		synctest.Test(t, func(t *testing.T) {
			s := &scriptedTarget{
				job:    jobCreatedAt(time.Now().Add(-time.Hour)),
				status: func(int) string { return fmt.Sprintf(status, ports...) },
				hosts:  map[string]string{"t": hostsNamed("rs7", "db1")},
			}
			_, last, err := s.wait(t, restorejobs.WaitOptions{})
			assert.Equal(t, want == 1, err == nil)
			assert.Len(t, last.Processes, want)
		})
	}
}

// The hosts of a sharded cluster are those of all its parts, whatever its own ID selects.
func TestWait_targetShards(t *testing.T) {
	t.Parallel()
	const (
		clusters = `{"results":[
			{"id":"s0","typeName":"REPLICA_SET","clusterName":"catalog","shardName":"s0","replicaSetName":"shard0"},
			{"id":"s1","typeName":"REPLICA_SET","clusterName":"catalog","shardName":"s1","replicaSetName":"shard1"},
			{"id":"cfg","typeName":"CONFIG_SERVER_REPLICA_SET","clusterName":"catalog","replicaSetName":"config"},
			{"id":"t","typeName":"SHARDED_REPLICA_SET","clusterName":"catalog"},
			{"id":"x","typeName":"REPLICA_SET","clusterName":"orders","replicaSetName":"orders"}]}`
		status = `{"goalVersion":8,"processes":[
			{"hostname":"db0.example.net","lastGoalVersionAchieved":8},{"hostname":"db1.example.net","lastGoalVersionAchieved":%d},
			{"hostname":"db2.example.net","lastGoalVersionAchieved":8},{"hostname":"router.example.net","lastGoalVersionAchieved":8},
			{"hostname":"db9.example.net","lastGoalVersionAchieved":3}]}`
	)
	shards := map[string]string{"s0": hostsNamed("shard0", "db0"), "s1": hostsNamed("shard1", "db1"), "cfg": hostsNamed("config", "db2")}
	for name, test := range map[string]struct {
		own      string // hosts of the ID of the cluster
		shards   map[string]string
		clusters string
		want     int // processes; 5 are those of the project
	}{
		"own ID selects nothing":      {`{"results":[]}`, shards, clusters, 3},
		"own ID selects a router":     {strings.Replace(hostsNamed("", "router"), "REPLICA_PRIMARY", "SHARD_MONGOS", 1), shards, clusters, 4},
		"own ID selects a shard":      {hostsNamed("shard0", "db0"), shards, clusters, 3},
		"a shard has no hosts":        {`{"results":[]}`, map[string]string{"s0": shards["s0"], "cfg": shards["cfg"]}, clusters, 5},
		"the cluster is not listed":   {hostsNamed("shard0", "db0"), shards, `{"results":[]}`, 5},
		"the clusters cannot be read": {hostsNamed("shard0", "db0"), shards, "", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, achieved := range []int{7, 8} {
					s := &scriptedTarget{
						job:      strings.Replace(jobCreatedAt(time.Now().Add(-time.Hour)), `{"created"`, `{"batchId":"B","created"`, 1),
						status:   func(int) string { return fmt.Sprintf(status, achieved) },
						hosts:    map[string]string{"t": test.own},
						clusters: test.clusters,
					}
					maps.Copy(s.hosts, test.shards)
					_, last, err := s.wait(t, restorejobs.WaitOptions{})
					assert.Len(t, last.Processes, test.want)
					assert.Equal(t, achieved == 8 && test.want != 5, err == nil, "%d: %v", achieved, err)
				}
			})
		})
	}
}

// Concurrent waits of a client read the status of a project once a round. One that is cancelled does
// not end the others.
func TestWait_statusIsShared(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		d.server.SetAgentDelay(30 * time.Minute)
		ids := d.restore()
		var waits sync.WaitGroup
		polls := make([]int, 20)
		for i := range polls {
			waits.Go(func() {
				ctx := d.Context()
				if i%2 == 1 {
					cancelled, cancel := context.WithTimeout(ctx, time.Duration(i)*time.Minute)
					defer cancel()
					ctx = cancelled
				}
				_, err := d.jobs.Wait(ctx, ids, restorejobs.WaitOptions{MaxInterval: -1, OnUpdate: func(u restorejobs.WaitUpdate) error {
					polls[i] = u.Polls
					return nil
				}})
				if i%2 == 1 {
					assert.ErrorIs(d, err, context.DeadlineExceeded)
				} else {
					assert.NoError(d, err)
				}
			})
		}
		waits.Wait()
		most := 0
		for _, n := range polls {
			most = max(most, n)
		}
		assert.Greater(d, most, 100)
		assert.LessOrEqual(d, d.requests("/automationStatus"), most+most/4)
		_, err := d.jobs.Wait(d.Context(), ids, restorejobs.WaitOptions{})
		require.NoError(d, err)
	})
}
