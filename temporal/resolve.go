package restoretemporal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"example.com/restorejobs"
)

// resolve validates plans and replaces names by references. It reports everything that is wrong
// with all of them together.
func (a *activitySet) resolve(ctx context.Context, request ResolveRequest) (*ResolveResult, error) {
	r := &resolver{
		activitySet: a,
		projects:    map[Cluster]string{},
		clusters:    map[Cluster]*restorejobs.Source{},
	}
	result := &ResolveResult{}
	var problems []string
	for _, named := range request.Plans {
		activity.RecordHeartbeat(ctx, named.Name)
		project, err := r.resolvePlan(ctx, &named.Plan)
		isProblem := err != nil && failureTypeOf(err, false) == FailureInvalidPlan
		switch {
		case isProblem && named.Name != "":
			problems = append(problems, fmt.Sprintf("restore %q: %v", named.Name, err))
		case isProblem:
			problems = append(problems, err.Error())
		case err != nil:
			return nil, newFailure(err, false)
		}
		result.Plans = append(result.Plans, named)
		result.Projects = append(result.Projects, project)
	}
	if len(problems) == 0 {
		problems = r.sharedTargets(result.Plans)
	}
	if err := newInvalidError("plan", problems); err != nil {
		return nil, newFailure(err, false)
	}
	return result, nil
}

// sharedTargets lists the targets that several restores would replace.
func (r *resolver) sharedTargets(plans []NamedPlan) []string {
	var problems []string
	names := map[string]string{} // by target
	for _, named := range plans {
		if named.Plan.To == nil {
			continue
		}
		target := r.targetKey(named.Plan.To.Ref)
		if other, isShared := names[target]; isShared {
			problems = append(problems, fmt.Sprintf("restores %q and %q have the same target, %s", other, named.Name, named.Plan.To.Ref))
			continue
		}
		names[target] = named.Name
	}
	return problems
}

// targetKey identifies a cluster. The references of both APIs of Atlas have the same key.
func (r *resolver) targetKey(ref string) string {
	if target, err := r.Client.Source(ref); err == nil {
		ref = productOf(target) + "/" + target.ProjectID() + "/" + target.ClusterID()
	}
	return strings.ToLower(ref)
}

// resolver finds each project and cluster once.
type resolver struct {
	*activitySet

	projects map[Cluster]string // ids
	clusters map[Cluster]*restorejobs.Source
}

// resolvePlan replaces the names of a plan, and returns the project of its target, or else its source.
func (r *resolver) resolvePlan(ctx context.Context, plan *Plan) (project string, err error) {
	if err := plan.Validate(); err != nil {
		return "", err
	}
	source, err := r.find(ctx, plan.Source)
	if err != nil {
		return "", fmt.Errorf("source: %w", err)
	}
	plan.Source = Cluster{Ref: source.Ref()}
	limited := source
	if plan.To != nil {
		target, err := r.findTarget(ctx, source, *plan.To)
		if err != nil {
			return "", fmt.Errorf("to: %w", err)
		}
		plan.To = &Cluster{Ref: target.Ref()}
		limited = target
	}
	if err := r.validateCreate(source, plan); err != nil {
		return "", err
	}
	return productOf(limited) + "/" + strings.ToLower(limited.ProjectID()), nil
}

// findTarget finds a target. Its default product is that of the source.
func (r *resolver) findTarget(ctx context.Context, source *restorejobs.Source, cluster Cluster) (*restorejobs.Source, error) {
	if cluster.Ref == "" && cluster.Product == "" {
		cluster.Product = productOf(source)
	}
	target, err := r.find(ctx, cluster)
	switch {
	case err != nil:
		return nil, err
	case productOf(target) != productOf(source):
		return nil, newInvalidError("target", []string{fmt.Sprintf("it must be a cluster of %s, not of %s", source.Variant(), target.Variant())})
	case !target.Supports(restorejobs.CapabilityCluster):
		return nil, newInvalidError("target", []string{target.Ref() + " must be a cluster"})
	}
	return target, nil
}

// productOf returns the product of a source. Both APIs of Atlas are of one.
func productOf(source *restorejobs.Source) string {
	switch source.Variant() {
	case restorejobs.VariantAtlasV1, restorejobs.VariantAtlasV2:
		return ProductAtlas
	case restorejobs.VariantCloudManager:
		return ProductCloudManager
	case restorejobs.VariantOpsManager:
		return ProductOpsManager
	case restorejobs.VariantMMS:
		return string(restorejobs.VariantMMS)
	default:
		return string(source.Variant())
	}
}

// find returns the source for a cluster.
func (r *resolver) find(ctx context.Context, cluster Cluster) (*restorejobs.Source, error) {
	if cluster.Ref != "" {
		return r.Client.Source(cluster.Ref)
	}
	if found := r.clusters[cluster]; found != nil {
		return found, nil
	}
	projectID, err := r.findProject(ctx, cluster)
	if err != nil {
		return nil, err
	}
	var found *restorejobs.Source
	switch cluster.Product {
	case ProductAtlas:
		found, err = r.Client.AtlasV2.FindCluster(ctx, projectID, cluster.Cluster)
	case ProductCloudManager:
		found, err = r.Client.CloudManager.FindCluster(ctx, projectID, cluster.Cluster)
	default:
		found, err = r.Client.OpsManager.FindCluster(ctx, projectID, cluster.Cluster)
	}
	if err != nil {
		return nil, fmt.Errorf("project %q: %w", cluster.Project, err)
	}
	r.clusters[cluster] = found
	return found, nil
}

// findProject returns the id of the project of a cluster.
func (r *resolver) findProject(ctx context.Context, cluster Cluster) (string, error) {
	cluster.Cluster = ""
	if id := r.projects[cluster]; id != "" {
		return id, nil
	}
	var project *restorejobs.Project
	var err error
	switch cluster.Product {
	case ProductAtlas:
		project, err = r.Client.AtlasV2.FindProject(ctx, cluster.Project)
	case ProductCloudManager:
		project, err = r.Client.CloudManager.FindProject(ctx, cluster.Project)
	default:
		project, err = r.Client.OpsManager.FindProject(ctx, cluster.Project)
	}
	if err != nil {
		return "", err
	}
	r.projects[cluster] = project.ID
	return project.ID, nil
}

// validateCreate reports what a create would refuse, without a request.
func (r *resolver) validateCreate(source *restorejobs.Source, named *Plan) error {
	plan, err := r.durablePlan(named)
	if errors.Is(err, errNoDirectory) {
		return newInvalidError("plan", []string{err.Error()})
	}
	if err != nil {
		return err
	}
	point := restorejobs.FromSnapshot(strings.Repeat("0", 24)) // any snapshot
	switch {
	case named.Point.SnapshotID != "":
		point = restorejobs.FromSnapshot(named.Point.SnapshotID)
	case !named.Point.Time.IsZero():
		point = restorejobs.FromPointInTime(named.Point.Time)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel() // FindCreated validates its arguments first
	_, err = source.Jobs.FindCreated(ended, time.Now(), point, plan.To)
	isInvalid := errors.Is(err, restorejobs.ErrInvalidArgument) || errors.Is(err, errors.ErrUnsupported)
	if isInvalid {
		return err
	}
	return nil
}
