// SPDX-License-Identifier: MIT
// A small make: reads rules in the syntax of GNU make and runs their recipes, as many at once as the graph allows.
// usage: make [-j jobs] [-f file] [-o picture.dot]      by default 4 jobs and the example's own file
#include <hocket/hocket.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

struct rule {
    std::vector<std::string> prerequisites;
    std::vector<std::string> recipe;
};
using rules = std::map<std::string, rule>;

/// Replaces $(name), $@, $< and $^ by their values, and $$ by a dollar.
std::string expanded(std::string const& text, std::map<std::string, std::string> const& variables) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$' || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        bool const long_name = text[++i] == '(';
        std::size_t const end = long_name ? text.find(')', i) : i + 1;
        std::string const name = long_name ? text.substr(i + 1, end - i - 1) : text.substr(i, 1);
        if (auto const found = variables.find(name); found != variables.end())
            result += expanded(found->second, variables);
        if (name == "$") result += '$';
        i = long_name ? end : i;
    }
    return result;
}

std::vector<std::string> words_of(std::string const& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

rules read_rules(std::istream& file) {
    rules result;
    std::map<std::string, std::string> variables;
    std::vector<std::string> targets;
    for (std::string line, more; std::getline(file, line);) {
        while (line.ends_with('\\') && std::getline(file, more)) line.replace(line.size() - 1, 1, more);
        if (line.starts_with('\t')) {
            for (std::string const& target : targets) {
                std::string all;
                for (std::string const& each : result[target].prerequisites) all += all.empty() ? each : " " + each;
                variables["@"] = target;
                variables["^"] = all;
                variables["<"] = all.substr(0, all.find(' '));
                result[target].recipe.push_back(expanded(line.substr(1), variables));
            }
            continue;
        }
        line = line.substr(0, line.find('#'));
        if (std::size_t const at = line.find('='); at != std::string::npos) {
            std::size_t const name_end = line.find_first_of(" :?=");
            std::size_t const value = line.find_first_not_of(" =", at);
            variables[line.substr(0, name_end)] = value == std::string::npos ? "" : line.substr(value);
        } else if (std::size_t const colon = line.find(':'); colon != std::string::npos) {
            targets = words_of(expanded(line.substr(0, colon), variables));
            for (std::string const& target : targets)
                for (std::string const& each : words_of(expanded(line.substr(colon + 1), variables))) {
                    result[target].prerequisites.push_back(each);
                    result.try_emplace(each); // a source, unless it gets a recipe
                }
        }
    }
    result.erase(".PHONY");
    return result;
}

int main(int argc, char** argv) {
    std::map<std::string, std::string> options{{"-j", "4"}, {"-o", "make.dot"}};
    options["-f"] = (std::filesystem::path(__FILE__).parent_path() / "make.mk").string();
    for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
    std::ifstream file(options["-f"]);
    if (!file) return std::fprintf(stderr, "make: cannot read %s\n", options["-f"].c_str()), 1;
    rules const all = read_rules(file);

    hocket::task_graph graph("make");
    hocket::semaphore jobs(std::strtoul(options["-j"].c_str(), nullptr, 10));
    std::map<std::string, hocket::graph_node> nodes;
    std::mutex printing;
    std::size_t done = 0;
    std::size_t recipes = 0;
    for (auto const& [target, its] : all) recipes += its.recipe.empty() ? 0u : 1u;
    for (auto const& [target, its] : all) {
        nodes[target] = graph.add(target, [&, name = target, &lines = its.recipe] {
            for (std::string const& line : lines)
                if (hocket::blocking([&] { return std::system(line.c_str()); }) != 0)
                    throw std::runtime_error("make: the recipe of " + name + " failed: " + line);
            if (lines.empty()) return;
            std::lock_guard const lock(printing);
            std::printf("[%2zu/%zu] %s\n", ++done, recipes, name.c_str());
        });
        if (!its.recipe.empty()) nodes[target].limit(jobs);
    }
    for (auto const& [target, its] : all)
        for (std::string const& each : its.prerequisites) nodes[target].succeed(nodes[each]);
    std::ofstream picture(options["-o"]);
    graph.to_dot(picture);
    try {
        graph.run().get();
    } catch (std::exception const& error) {
        std::printf("%s\n", error.what());
        for (hocket::graph_node const& node : graph.not_run()) std::printf("not made: %s\n", node.name().c_str());
        return 1;
    }
    std::printf("%zu targets, %zu recipes\n", all.size(), recipes);
}
