package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.com/restorejobs/internal/parallel"
)

// Target is a cluster that a restore would go into: a [Destination] from [ToCluster], or a
// [*Source].
type Target interface {
	// resolve returns the source of the target cluster, for a restore from another source.
	resolve(from *Source) (target *Source, problem string)
}

// resolve returns the target as a source of the same kind. A flex cluster may take the place of
// another Atlas cluster.
func (d Destination) resolve(from *Source) (target *Source, problem string) {
	if d.kind != clusterDestination {
		return nil, "target must be a cluster, not " + d.String()
	}
	project := d.project
	if project == "" && from.endpoint.targetProjectOptional {
		project = from.projectID
	}
	return newSource(from.client, targetEndpoint(from.endpoint), project, d.cluster), ""
}

// targetEndpoint is the endpoint of the clusters that a source restores into.
func targetEndpoint(e *endpoint) *endpoint {
	switch e {
	case cloudManagerHost:
		return cloudManagerCluster
	case opsManagerHost:
		return opsManagerCluster
	case atlasV1LegacyCluster:
		return atlasV1Cluster
	case atlasV2LegacyCluster, atlasV2Flex:
		return atlasV2Cluster
	default:
		return e
	}
}

func (s *Source) resolve(from *Source) (target *Source, problem string) {
	if s == nil {
		return nil, "target must not be nil"
	}
	isSameProduct := s.endpoint.variant == from.endpoint.variant || s.endpoint.isAtlas() && from.endpoint.isAtlas()
	if !isSameProduct {
		return nil, fmt.Sprintf("target must be a cluster of %s, not of %s", from.Variant(), s.Variant())
	}
	if !s.endpoint.hasCluster() {
		return nil, "target must be a cluster, not the host " + s.clusterID
	}
	return s, ""
}

// TargetReason is why a restore into a target would be refused, or would destroy the wrong data.
type TargetReason string

// The reasons against a target.
const (
	// TargetIsSource is a target that is the source itself: a restore replaces its data.
	TargetIsSource TargetReason = "is source"
	// TargetNotFound is a target that does not exist.
	TargetNotFound TargetReason = "not found"
	// TargetTopologyDiffers is a sharded cluster against a replica set, or a part of a sharded
	// cluster.
	TargetTopologyDiffers TargetReason = "topology differs"
	// TargetShardCountDiffers is another number of shards.
	TargetShardCountDiffers TargetReason = "shard count differs"
	// TargetConfigServerDiffers is another type of config servers.
	TargetConfigServerDiffers TargetReason = "config server differs"
	// TargetPaused is a paused target. Atlas clusters.
	TargetPaused TargetReason = "paused"
	// TargetBusy is a target that is created, changed, repaired or restored. It clears by waiting.
	TargetBusy TargetReason = "busy"
	// TargetDeleting is a target that is being deleted. Atlas.
	TargetDeleting TargetReason = "deleting"
)

// TargetProblem is one reason against a target.
type TargetProblem struct {
	// Reason is the kind of problem.
	Reason TargetReason
	// Detail describes it, with the values that differ.
	Detail string
}

// Format prints the fields as fmt would, without the server's control characters.
func (p TargetProblem) Format(f fmt.State, verb rune) {
	type problem TargetProblem
	writeFields(f, verb, problem(p))
}

// TargetError lists all known problems of a restore into a target. It matches no sentinel.
type TargetError struct {
	// Source is the reference of the source of the restore; see [Source.Ref].
	Source string
	// Target is the reference of the target.
	Target string
	// Problems are the reasons, at least one.
	Problems []TargetProblem
}

// Error returns one line with the target and all problems.
func (e *TargetError) Error() string {
	var details []string
	for _, problem := range e.Problems {
		details = append(details, problem.Detail)
	}
	return "restorejobs: check target: " + e.Target + " cannot be restored into: " + strings.Join(details, "; ")
}

// Format prints [TargetError.Error] for every verb.
func (e *TargetError) Format(f fmt.State, _ rune) { writeString(f, e.Error()) }

// Has reports whether a reason is among the problems.
func (e *TargetError) Has(reason TargetReason) bool {
	for _, problem := range e.Problems {
		if problem.Reason == reason {
			return true
		}
	}
	return false
}

const checkTargetOperation = "check target"

// CheckTarget reads the source and the target, and returns a [*TargetError] with all known problems of a
// restore into it. An unknown fact is not a problem, and the service can still refuse. The target can
// be in another project. On Atlas it is an ordinary or a flex cluster.
//
// Besides both clusters it reads all jobs of the source, because no list promises an order: one that
// runs into the target makes it busy. Other restores into the target are not visible, except that
// Atlas reports a state other than IDLE.
//
// A [CollectionRestore] can go into its source.
//
// All variants except hosts and MMS; see [CapabilityCheckTarget]. A target that cannot be read is
// another error, such as [ErrForbidden].
//
// API: Atlas as [Source.Cluster]; Cloud Manager and Ops Manager "Get One Cluster", "Get All Clusters";
// "Get All Restore Jobs" of every variant.
func (s *Source) CheckTarget(ctx context.Context, target Target) error {
	check, err := s.newTargetCheck(target)
	if err != nil {
		return err
	}
	if err := check.read(ctx); err != nil {
		return err
	}
	check.compare()
	if len(check.problems) == 0 {
		return nil
	}
	return &TargetError{
		Source:   s.Ref(),
		Target:   check.target.Ref(),
		Problems: check.problems,
	}
}

// targetCheck is one comparison of a source and a target.
type targetCheck struct {
	source        *Source
	target        *Source
	sourceCluster *Cluster
	targetCluster *Cluster // nil if it does not exist
	notFound      error    // why targetCluster is nil
	runningJobs   []*Job   // of the source, into any cluster
	problems      []TargetProblem
}

// newTargetCheck checks the arguments.
func (s *Source) newTargetCheck(target Target) (*targetCheck, error) {
	const operation = checkTargetOperation
	if !s.endpoint.supports(CapabilityCheckTarget) {
		return nil, s.endpoint.unsupportedErr(operation)
	}
	if target == nil {
		return nil, invalidArgument(operation, "target must not be nil")
	}
	resolved, problem := target.resolve(s)
	if problem != "" {
		return nil, mergeInvalid(s.validateIDs(operation), invalidArgument(operation, problem))
	}
	if err := mergeInvalid(s.validateIDs(operation), invalidTarget(operation, resolved)); err != nil {
		return nil, err
	}
	sourceURL, err := s.client.baseURLFor(operation, s.endpoint.variant)
	if err != nil {
		return nil, err
	}
	targetURL, err := resolved.client.baseURLFor(operation, resolved.endpoint.variant)
	if err != nil {
		return nil, err
	}
	if sourceURL.String() != targetURL.String() {
		return nil, invalidArgument(operation, "target must be of a client with the base URL of the source")
	}
	return &targetCheck{source: s, target: resolved}, nil
}

// invalidTarget returns the problems with the IDs of a target.
func invalidTarget(operation string, target *Source) error {
	_, err := newProductRequest(target.client, target.endpoint.variant, &sourceCall{operation: operation}, invalidIDs(
		pathParam{"target project", target.projectID},
		pathParam{"target " + target.endpoint.idLabel, target.clusterID},
	))
	return err
}

// read reads both clusters and the jobs.
func (t *targetCheck) read(ctx context.Context) error {
	reads := []func(context.Context) error{t.readSource, t.readTarget, t.readJobs}
	return parallel.ForEach(ctx, len(reads), len(reads), func(ctx context.Context, i int) error {
		return reads[i](ctx)
	})
}

func (t *targetCheck) readSource(ctx context.Context) error {
	from, err := t.source.readTopology(ctx, checkTargetOperation)
	t.sourceCluster = from
	return err
}

// readTarget reads the target, as a flex cluster if the service reports one.
func (t *targetCheck) readTarget(ctx context.Context) error {
	into, err := t.target.readTopology(ctx, checkTargetOperation)
	isFlex := errors.Is(err, ErrorCodeCannotUseFlexClusterInClusterAPI)
	if isFlex {
		flexTarget := newSource(t.target.client, atlasV2Flex, t.target.projectID, t.target.clusterID)
		into, err = flexTarget.readTopology(ctx, checkTargetOperation)
		t.target = flexTarget
	}
	if isUnknownCluster(err) || isUnknownProject(err) {
		t.notFound = err
		return nil
	}
	t.targetCluster = into
	return err
}

// readJobs reads which jobs of the source run into a cluster.
func (t *targetCheck) readJobs(ctx context.Context) error {
	var failure error
	t.source.Jobs.allJobs(checkTargetOperation, ListOptions{}).each(ctx, func(job *Job, err error) bool {
		if err != nil {
			failure = err
			return false
		}
		if _, cluster := job.Target(); cluster != "" && job.State() == StateRunning {
			t.runningJobs = append(t.runningJobs, job)
		}
		return true
	})
	if isUnreadable(failure) {
		return nil
	}
	return failure
}

func (t *targetCheck) add(reason TargetReason, format string, args ...any) {
	t.problems = append(t.problems, TargetProblem{Reason: reason, Detail: fmt.Sprintf(format, args...)})
}

// compare collects the problems. Unknown facts are none.
func (t *targetCheck) compare() {
	if t.isSource() {
		t.add(TargetIsSource, "it is the source itself")
	}
	if t.targetCluster == nil {
		t.add(TargetNotFound, "it does not exist%s", malformedIDHint(t.notFound))
		return
	}
	t.compareTopology()
	t.compareState()
}

// malformedIDHint is the hint of an error for a name in the place of an ID, in parentheses.
func malformedIDHint(err error) string {
	isMalformed := errors.Is(err, ErrorCodeInvalidClusterID) || errors.Is(err, ErrorCodeInvalidGroupID)
	var apiErr *Error
	if !isMalformed || !errors.As(err, &apiErr) || apiErr.Hint == "" {
		return ""
	}
	return " (" + apiErr.Hint + ")"
}

// isSource compares the IDs that the service gave, or else those of the call. Two APIs of Atlas can
// refer to one cluster.
func (t *targetCheck) isSource() bool {
	if t.targetCluster != nil && t.targetCluster.ID != "" && t.sourceCluster.ID != "" {
		return strings.EqualFold(t.targetCluster.ID, t.sourceCluster.ID)
	}
	isSameProject := strings.EqualFold(t.target.projectID, t.source.projectID)
	return isSameProject && strings.EqualFold(t.target.clusterID, t.source.clusterID)
}

// isTarget reports whether the target of a job is that of the check. A job has the service's spelling.
func (t *targetCheck) isTarget(projectID, cluster string) bool {
	received := t.targetCluster.Name
	if clusterFormats[t.target.endpoint].hasID {
		received = t.targetCluster.ID
	}
	isSameCluster := cluster == received || t.target.isClusterID(cluster)
	return isSameCluster && strings.EqualFold(projectID, t.target.projectID)
}

func (t *targetCheck) compareTopology() {
	from := t.sourceCluster
	into := t.targetCluster
	isKnown := from.Type != ClusterTypeUnknown && into.Type != ClusterTypeUnknown
	switch {
	case into.shardOf != "":
		t.add(TargetTopologyDiffers, "it is only a part of the sharded cluster %q", sanitize(into.shardOf, 100))
		return
	case isKnown && from.Type != into.Type:
		t.add(TargetTopologyDiffers, "it is a %s, the source is a %s", into.Type.describe(), from.Type.describe())
		return
	case !isKnown || from.Type != ClusterTypeSharded:
		return
	}
	hasShardCounts := from.ShardCount >= 0 && into.ShardCount >= 0
	if hasShardCounts && from.ShardCount != into.ShardCount {
		t.add(TargetShardCountDiffers, "it has %d shards, the source has %d", into.ShardCount, from.ShardCount)
	}
	hasConfigServers := from.ConfigServerType != "" && into.ConfigServerType != ""
	if hasConfigServers && !strings.EqualFold(from.ConfigServerType, into.ConfigServerType) {
		t.add(TargetConfigServerDiffers, "its config servers are %s, those of the source are %s",
			sanitize(into.ConfigServerType, 100), sanitize(from.ConfigServerType, 100))
	}
}

// describe returns the type for an error.
func (c ClusterType) describe() string {
	switch c {
	case ClusterTypeReplicaSet:
		return "replica set"
	case ClusterTypeSharded:
		return "sharded cluster"
	case ClusterTypeUnknown:
		return "cluster"
	default:
		return "cluster"
	}
}

func (t *targetCheck) compareState() {
	if t.targetCluster.Paused == TernaryTrue {
		t.add(TargetPaused, "it is paused")
	}
	if t.targetCluster.Deleting == TernaryTrue {
		t.add(TargetDeleting, "it is being deleted")
	}
	switch state := t.targetCluster.StateName; state {
	case "CREATING", "UPDATING", "REPAIRING":
		t.add(TargetBusy, "its state is %s", state)
	}
	for _, job := range t.runningJobs {
		if t.isTarget(job.Target()) {
			t.add(TargetBusy, "restore job %s into it runs", sanitizeOr(job.ID, "without id"))
		}
	}
}

// isClusterID reports whether an ID, or a name on Atlas, is that of the source.
func (s *Source) isClusterID(id string) bool {
	return id == s.clusterID || sameObjectID(id, s.clusterID)
}
