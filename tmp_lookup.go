package restorejobs

import (
	"context"
	"encoding/json"
	"errors"

	"example.com/restorejobs/internal/api"
)

type managerCluster struct {
	ID             string `json:"id"`
	GroupID        string `json:"groupId"`
	TypeName       string `json:"typeName"`
	ClusterName    string `json:"clusterName"`
	ReplicaSetName string `json:"replicaSetName"`
	ShardName      string `json:"shardName"`
}

func listManagerClusters(ctx context.Context, c *Client, e *endpoint, operation, projectID string) ([]*managerCluster, error) {
	return nil, nil
}

func decodeLeniently(body []byte, out any) error {
	err := json.Unmarshal(body, out)
	var typeErr *json.UnmarshalTypeError
	if errors.As(err, &typeErr) && typeErr.Field != "" {
		return nil
	}
	return err
}

func decodeEntity(body []byte, out any) ([]byte, error) {
	body, err := requireBody(body)
	if err != nil {
		return nil, err
	}
	content, e, err := unwrapEnvelope(body)
	if err != nil {
		return nil, err
	}
	if e.isEmpty() {
		return nil, errEmptyEnvelope
	}
	return content, decodeLeniently(content, out)
}

func newProductRequest(c *Client, variant Variant, call sourceCall) (*api.Request, error) {
	var problems []string
	for _, param := range call.params {
		if problem := api.ValidateSegment(param.name, param.id); problem != "" {
			problems = append(problems, problem)
		}
	}
	base, baseErr := c.baseURLFor(call.operation, variant)
	if err := mergeInvalid(invalidArgument(call.operation, problems...), baseErr); err != nil {
		return nil, err
	}
	return &api.Request{
		Operation: call.operation,
		Variant:   string(variant),
		Method:    call.method,
		Base:      base,
		Path:      call.path,
		Query:     joinQuery(call.query, c.defaultQuery),
		Accept:    c.acceptHeader(call.apiVersion),
	}, nil
}
