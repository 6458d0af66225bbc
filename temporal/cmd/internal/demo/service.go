package demo

import (
	"context"
	"time"

	"example.com/restorejobs/restorejobstest"
)

const (
	// restoreDuration is how long a job of the test server runs.
	restoreDuration = 2500 * time.Millisecond
	// failInterval is the pause between two searches for the job that fails.
	failInterval = 20 * time.Millisecond
	// failing is the cluster whose restore fails.
	failing = "reviews"
)

// service is the test server with the clusters of the list.
type service struct {
	*restorejobstest.Server

	failing string // the source of the job that fails, as the test server names it
}

// newService returns a test server with a production and a staging cluster for each name of the list.
func newService() *service {
	s := &service{Server: restorejobstest.NewServer(restorejobstest.WithRestoreDuration(restoreDuration))}
	s.addClusters(restorejobstest.OpsManagerCluster, "Staging", "accounts", "billing", "catalog-2", "events", "invoices", "ledger", "stock")
	s.addClusters(restorejobstest.CloudManagerCluster, "Cloud Staging", "carts", "coupons", "prices", failing)
	atlas := s.addClusters(restorejobstest.AtlasV2Cluster, "Staging", "devices", "maps", "sensors", "trips")
	s.addPair(restorejobstest.AtlasV2Flex, atlas, "small")
	return s
}

// addClusters adds clusters, and the project of their targets. It returns the id of this project.
func (s *service) addClusters(scope restorejobstest.Scope, staging string, names ...string) string {
	project := s.AddProject(scope, staging)
	for _, name := range names {
		source := s.addPair(scope, project, name)
		if name == failing {
			s.failing = source
		}
	}
	return project
}

// addPair adds a cluster and its target, and returns what identifies the cluster.
func (s *service) addPair(scope restorejobstest.Scope, staging, name string) string {
	shards := 0
	if name == "catalog-2" {
		shards = 2
	}
	s.AddCluster(restorejobstest.ClusterSpec{
		Scope:       scope,
		Project:     staging,
		Name:        name,
		Shards:      shards,
		NoSnapshots: true,
	})
	return s.AddCluster(restorejobstest.ClusterSpec{
		Scope:  scope,
		Name:   name,
		Shards: shards,
	})
}

// failJob fails the job of one restore as soon as it exists.
func (s *service) failJob(ctx context.Context) {
	ticker := time.NewTicker(failInterval)
	defer ticker.Stop()
	for {
		for _, job := range s.JobsOf(restorejobstest.CloudManagerCluster, s.failing) {
			if id, ok := job["id"].(string); ok {
				s.FailJob(id)
				return
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// env is the environment of a client of the test server.
func (s *service) env() []string {
	return []string{
		"MONGODB_ATLAS_PUBLIC_API_KEY=" + restorejobstest.PublicKey,
		"MONGODB_ATLAS_PRIVATE_API_KEY=" + restorejobstest.PrivateKey,
		"MONGODB_ATLAS_BASE_URL=" + s.URL(),
		"MONGODB_ATLAS_ACCESS_TOKEN=", // credentials of this environment are not for the test server
		"MONGODB_ATLAS_CLIENT_ID=",
		"MONGODB_ATLAS_CLIENT_SECRET=",
		"TEMPORAL_API_KEY=",
		"TEMPORAL_TLS=false",
	}
}
